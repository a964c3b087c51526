/** The sizes of WebAssembly modules and of their memories. */

/** Sizes in bytes. */
export interface ModuleSizes {
  readonly moduleBytes: number;
  readonly memoryBytes: number;
}

/** Records each module that is compiled and each memory that is created or exported from now on. */
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
