/**
 * onnxruntime-web on one thread: a child process of bench/kernel_yunet.ts that keeps the pictures in memory, with the
 * protocol of native_yunet.py. It responds with ms, and with the numbers of the heads where `wantsNumbers` is true.
 * It runs without the project's configuration, and the package's name is no literal, so that the package does not enter
 * the project's lock.
 */
import process from "node:process";

interface Setup {
  readonly model: string;
  readonly sizes: readonly (readonly [number, number])[];
}

/** What is used of the package. */
interface Runtime {
  readonly env: { logLevel: string; wasm: { numThreads: number }; versions: { web: string } };
  readonly InferenceSession: {
    create(model: Uint8Array, options: unknown): Promise<{
      run(feeds: Record<string, unknown>): Promise<Record<string, { data: Float32Array }>>;
    }>;
  };
  readonly Tensor: new (type: "float32", data: Float32Array, shape: readonly number[]) => unknown;
}

const PACKAGE: string = "npm:onnxruntime-web@1.30.0/wasm";

/** A side of the input in the model's graph: 640 as a fixed dimension, and of the same length, as a name. */
const FIXED_SIDE = [0x0a, 3, 0x08, 0x80, 0x05];
const sideNamed = (letter: string) => [0x0a, 3, 0x12, 1, letter.charCodeAt(0)];

/** The model for pictures of any size. */
function withAnySize(model: Uint8Array): Uint8Array {
  const free = model.slice();
  for (const letter of ["h", "w"]) {
    const at = free.findIndex((_, begin) =>
      FIXED_SIDE.every((byte, offset) => free[begin + offset] === byte)
    );
    if (at < 0) throw new Error("the model's input is not 640x640");
    free.set(sideNamed(letter), at);
  }
  return free;
}

/** Blue, green and red as three planes, extended by zeros to multiples of 32. */
function inputOf(rgb: Uint8Array, width: number, height: number) {
  const [w, h] = [width, height].map((side) => Math.ceil(side / 32) * 32);
  const data = new Float32Array(3 * w * h);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < 3; channel++) {
        data[(channel * h + y) * w + x] = rgb[(y * width + x) * 3 + 2 - channel];
      }
    }
  }
  return { data, shape: [1, 3, h, w] };
}

let rest = new Uint8Array();
const reader = Deno.stdin.readable.getReader();

async function more(): Promise<boolean> {
  const { value, done } = await reader.read();
  if (done) return false;
  const joined = new Uint8Array(rest.length + value.length);
  joined.set(rest);
  joined.set(value, rest.length);
  rest = joined;
  return true;
}

async function read(length: number): Promise<Uint8Array> {
  while (rest.length < length) if (!await more()) throw new Error("the input ended early");
  const bytes = rest.slice(0, length);
  rest = rest.slice(length);
  return bytes;
}

/** The next line as JSON, `undefined` at the end. */
async function readLine<T>(): Promise<T | undefined> {
  while (!rest.includes(10)) if (!await more()) return undefined;
  const line = await read(rest.indexOf(10) + 1);
  return JSON.parse(new TextDecoder().decode(line));
}

async function main(): Promise<void> {
  const { model, sizes } = await readLine<Setup>() as Setup;
  const pictures = [];
  for (const [width, height] of sizes) {
    pictures.push(inputOf(await read(width * height * 3), width, height));
  }
  const startedMs = performance.now();
  const before = process.memoryUsage().rss;
  const { env, InferenceSession, Tensor } = await import(PACKAGE) as Runtime;
  env.logLevel = "fatal";
  env.wasm.numThreads = 1;
  const session = await InferenceSession.create(withAnySize(await Deno.readFile(model)), {
    executionProviders: ["wasm"],
    logSeverityLevel: 4,
  });
  const run = ({ data, shape }: ReturnType<typeof inputOf>) =>
    session.run({ input: new Tensor("float32", data, shape) });
  await run(pictures[0]);
  const startMs = performance.now() - startedMs;
  const megabytes = (process.memoryUsage().rss - before) / 2 ** 20;
  console.log(JSON.stringify({ version: env.versions.web, startMs, megabytes }));
  for (let request; (request = await readLine<{ picture: number; wantsNumbers: boolean }>());) {
    const runMs = performance.now();
    const heads = await run(pictures[request.picture]);
    const ms = performance.now() - runMs;
    const numbers = request.wantsNumbers
      ? Object.fromEntries(Object.entries(heads).map(([name, { data }]) => [name, [...data]]))
      : {};
    console.log(JSON.stringify({ ms, numbers }));
  }
}

await main();
