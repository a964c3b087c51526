/** What WebAssembly modules take: their own bytes and their memories. */

/** Bytes. */
export interface ModuleSizes {
  readonly moduleBytes: number;
  readonly memoryBytes: number;
}

/** Notes every module that is compiled, and every memory that is made or exported, from now on. */
export function watchModules(): () => ModuleSizes {
  const { Module, Instance, Memory } = WebAssembly;
  const memories = new Set<WebAssembly.Memory>();
  let moduleBytes = 0;
  WebAssembly.Module = new Proxy(Module, {
    construct: (_, [bytes]) => {
      moduleBytes += bytes.byteLength;
      return new Module(bytes);
    },
  });
  WebAssembly.Memory = new Proxy(Memory, {
    construct: (_, [descriptor]) => {
      const memory = new Memory(descriptor);
      memories.add(memory);
      return memory;
    },
  });
  WebAssembly.Instance = new Proxy(Instance, {
    construct: (_, [module, imports]) => {
      const instance = new Instance(module, imports);
      for (const exported of Object.values(instance.exports)) {
        if (exported instanceof Memory) memories.add(exported);
      }
      return instance;
    },
  });
  return () => ({
    moduleBytes,
    memoryBytes: [...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0),
  });
}
