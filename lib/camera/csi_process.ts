/** One program that reads a CSI camera, from its start to its end. */
import { ConfigError, messageOf } from "../errors.ts";
import type { Frame, Size, YuvPixels } from "../image/frame.ts";
import { reframe, yuvBytes } from "../image/reframe.ts";
import { atMost } from "../async/delay.ts";
import { NotInstalledError, startProgram } from "../start_program.ts";
import { stop, Watchdog } from "./camera_process.ts";
import { CSI_PACKAGES, csiError } from "./csi_causes.ts";
import { type CsiConfiguration, CsiMessages, JETSON_COLOUR, RPICAM_COLOUR } from "./csi_messages.ts";
import { CSI_PROGRAMS, type CsiPlan, type CsiProgram, type CsiRequest } from "./csi_programs.ts";
import { readFrames } from "./frame_reader.ts";
import { readI420 } from "./i420_frames.ts";

/** rpicam-vid describes its frames before the first one; longer than this it is not waited for. */
const DESCRIPTION_MS = 500;
/** A program that has closed its output has this long to say why. */
const LAST_WORDS_MS = 2_000;

type YuvFrame = Frame & { readonly pixels: YuvPixels };

/** A program at work. */
interface Running {
  readonly program: CsiProgram;
  readonly plan: CsiPlan;
  readonly child: Deno.ChildProcess;
}

/**
 * The frames of one program. Throws a FatalError or ConfigError that says why when they end, and a ConfigError when no
 * program is installed. However the caller leaves, no program stays behind.
 */
export async function* csiFrames(
  request: CsiRequest,
  { signal, stallMs }: { signal: AbortSignal; stallMs: number },
): AsyncGenerator<Frame> {
  if (signal.aborted) return; // It would not be told again.
  const { program, plan, child } = startInstalled(request);
  const messages = new CsiMessages(child.stderr);
  let ending: Promise<void> | undefined;
  // Once: gst-launch-1.0 dies of a second SIGINT without giving the camera back.
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
      messages.forget();
      yield frame;
      watchdog.feed();
    }
    await atMost(LAST_WORDS_MS, child.status);
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

/** Starts the first program that is installed. */
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

/** Nothing when there is no such program. */
function start(name: string, args: readonly string[]): Deno.ChildProcess | undefined {
  const program = { name, does: "reads CSI cameras", install: CSI_PACKAGES };
  try {
    return startProgram(program, args, { stdout: "piped", stderr: "piped" });
  } catch (error) {
    if (error instanceof NotInstalledError) return undefined;
    throw error;
  }
}

/** The frames as the program gives them, in the colours that it says. */
async function* framesOf(
  { program, plan, child }: Running,
  { name, size }: CsiRequest,
  messages: CsiMessages,
): AsyncGenerator<YuvFrame> {
  const check = (given: Size) => {
    if (given.width === plan.given.width && given.height === plan.given.height) return;
    throw new ConfigError(
      `the camera "${name}" gives ${sizeText(given)} and not ${sizeText(plan.given)}, which --size ` +
        `${sizeText(size)} needs`,
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
  let colour = RPICAM_COLOUR;
  let isFirst = true;
  for await (
    const frame of readI420(child.stdout, { ...plan.given, fullRange: colour.fullRange, frameMs: 0 })
  ) {
    if (isFirst) {
      let described: CsiConfiguration | undefined;
      await atMost(DESCRIPTION_MS, messages.configuration.then((said) => described = said));
      if (described) {
        check(described.size);
        colour = described.colour;
      }
    }
    isFirst = false;
    yield { ...frame, pixels: { ...frame.pixels, ...colour } };
  }
}

/** What is wanted of each frame, rotated; the memory of frames that are released is used again. */
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
