/** One run of a program that reads a CSI camera. */
import { ConfigError, messageOf } from "../errors.ts";
import type { Frame, Size } from "../image/frame.ts";
import { reframe, yuvBytes } from "../image/reframe.ts";
import { atMost } from "../async/delay.ts";
import { NotInstalledError, startProgram } from "../start_program.ts";
import { stop, Watchdog } from "./camera_process.ts";
import {
  CSI_PACKAGES,
  type CsiConfiguration,
  csiError,
  CsiMessages,
  JETSON_COLOUR,
  RPICAM_COLOUR,
} from "./csi_messages.ts";
import { CSI_PROGRAMS, type CsiPlan, type CsiProgram, type CsiRequest } from "./csi_programs.ts";
import { readFrames } from "./frame_reader.ts";
import { readI420, type YuvFrame } from "./planar_frames.ts";

/** Limit for rpicam-vid's description of its frames, which it prints before the first one. */
const DESCRIPTION_MS = 500;
/** Limit for a program to print its reason and end, once it has closed its output. */
const END_MS = 2_000;

/** A running program. */
interface Running {
  readonly program: CsiProgram;
  readonly plan: CsiPlan;
  readonly child: Deno.ChildProcess;
}

/**
 * The frames of one run. When they end, throws the FatalError or ConfigError that explains why, and a ConfigError when
 * no program is installed. Returns without an error after an abort. The program has ended when the generator returns.
 */
export async function* csiFrames(
  request: CsiRequest,
  { signal, stallMs }: { signal: AbortSignal; stallMs: number },
): AsyncGenerator<Frame> {
  if (signal.aborted) return; // No abort event follows.
  const { program, plan, child } = startInstalled(request);
  const messages = new CsiMessages(child.stderr);
  let ending: Promise<void> | undefined;
  // At most once: a second SIGINT ends gst-launch-1.0 before it has released the camera.
  const end = () => ending ??= stop(child, program.stopSignal);
  signal.addEventListener("abort", end);
  let happened = `${program.name} ended`;
  const watchdog = new Watchdog(stallMs, () => {
    happened = `no frame for ${stallMs / 1000} s`;
    void end();
  });
  try {
    for await (const frame of reframed(framesOf({ program, plan, child }, request, messages), plan)) {
      watchdog.end();
      messages.frame();
      yield frame;
      watchdog.feed();
    }
    const endedBy = (await atMost(END_MS, child.status))?.signal;
    if (endedBy && !ending) happened = `${endedBy} ended ${program.name}`;
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    happened = messageOf(error);
  } finally {
    watchdog.end();
    signal.removeEventListener("abort", end);
    await end();
    await messages.closed;
  }
  if (!signal.aborted) throw csiError(messages.text, { ...request, program: program.name }, happened);
}

/** Starts the first installed program. */
function startInstalled(request: CsiRequest): Running {
  for (const program of CSI_PROGRAMS) {
    const plan = program.plan(request);
    const child = start(program.name, plan.args);
    if (child) return { program, plan, child };
  }
  const names = CSI_PROGRAMS.map(({ name }) => name).join(", ");
  throw new ConfigError(
    `cannot read the camera "${request.name}": none of its programs is installed (${names})`,
    CSI_PACKAGES,
  );
}

/** Undefined when the program is not installed. */
function start(name: string, args: readonly string[]): Deno.ChildProcess | undefined {
  const program = { name, does: "reads CSI cameras", install: CSI_PACKAGES };
  try {
    return startProgram(program, args, { stdout: "piped", stderr: "piped" });
  } catch (error) {
    if (error instanceof NotInstalledError) return undefined;
    throw error;
  }
}

/** The program's frames, with the colour encoding that it reports. */
async function* framesOf(
  { program, plan, child }: Running,
  { name, size }: CsiRequest,
  messages: CsiMessages,
): AsyncGenerator<YuvFrame> {
  const check = (given: Size) => {
    if (given.width === plan.given.width && given.height === plan.given.height) return;
    throw new ConfigError(
      `the camera "${name}" gives ${sizeText(given)}, not ${sizeText(plan.given)}, which --size ` +
        `${sizeText(size)} requires`,
      "set a --size that the camera offers",
    );
  };
  if (program.output === "y4m") {
    for await (const frame of readFrames(child.stdout, { onText: (text) => messages.add(text) })) {
      if (frame.pixels.kind !== "yuv420") continue;
      check(frame);
      yield { ...frame, pixels: { ...frame.pixels, ...JETSON_COLOUR } };
    }
    return;
  }
  let described: CsiConfiguration | undefined; // Later than the limit it applies to later frames.
  const configured = messages.configuration.then((said) => void (described = said));
  let isFirst = true;
  const { fullRange } = RPICAM_COLOUR;
  for await (const frame of readI420(child.stdout, { ...plan.given, fullRange, frameMs: 0 })) {
    if (isFirst) await atMost(DESCRIPTION_MS, configured);
    isFirst = false;
    if (described) check(described.size);
    yield { ...frame, pixels: { ...frame.pixels, ...described?.colour ?? RPICAM_COLOUR } };
  }
}

/** The requested part of each frame, rotated. Reuses the memory of released frames. */
async function* reframed(
  frames: AsyncIterable<YuvFrame>,
  { given, wanted, rotate }: CsiPlan,
): AsyncGenerator<Frame> {
  if (rotate === 0 && given.width === wanted.width && given.height === wanted.height) return yield* frames;
  const released: Uint8Array[] = [];
  for await (const frame of frames) {
    const memory = released.pop() ?? new Uint8Array(yuvBytes(wanted));
    const cut = reframe(frame, { size: wanted, degrees: rotate, memory });
    frame.release?.();
    yield { ...frame, ...cut, release: () => released.push(memory) };
  }
}

function sizeText({ width, height }: Size): string {
  return `${width}x${height}`;
}
