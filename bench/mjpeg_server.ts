/**
 * A camera that sends MJPEG by HTTP, as a process of its own, so that its CPU time is not that of the detector.
 * `mjpeg_server.ts FOLDER` prints `listening PORT`. `/?rate=30&play=still:15,empty:120` sends 15 frames of FOLDER/still, then
 * 120 of FOLDER/empty, and begins again; a rate below RATE leaves frames out. When a frame is sent as the first of a part,
 * `part CONNECTION NAME TIME` is printed, with the time in milliseconds since 1970. A client that is slow loses frames, as
 * with a camera: `/sent` is the number of frames that the last client took.
 */
import { join } from "node:path";
import { delay } from "../lib/async/delay.ts";
import { RATE } from "./camera_scenes.ts";

const BOUNDARY = "frame";
const encoder = new TextEncoder();
const [folder] = Deno.args;

/** The frames of a scene with their headers. */
const scenes = new Map<string, Uint8Array<ArrayBuffer>[]>();
let connections = 0;
let sent = 0;

function framesOf(name: string): Uint8Array<ArrayBuffer>[] {
  const known = scenes.get(name);
  if (known) return known;
  const files = Array.from(Deno.readDirSync(join(folder, name)), (entry) => entry.name).sort();
  const frames = files.map((file) => {
    const jpeg = Deno.readFileSync(join(folder, name, file));
    const head = `--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
    return Uint8Array.from([...encoder.encode(head), ...jpeg, ...encoder.encode("\r\n")]);
  });
  scenes.set(name, frames);
  return frames;
}

interface Part {
  readonly name: string;
  readonly frames: number;
}

/** The part and the frame within it that are due at a frame of the endless stream. */
function dueAt(parts: readonly Part[], frame: number): { part: number; at: number } {
  const length = parts.reduce((sum, { frames }) => sum + frames, 0);
  let at = frame % length;
  let part = 0;
  for (; at >= parts[part].frames; part++) at -= parts[part].frames;
  return { part: Math.floor(frame / length) * parts.length + part, at };
}

function stream(parts: readonly Part[], rate: number): ReadableStream<Uint8Array> {
  const connection = ++connections;
  sent = 0;
  for (const { name } of parts) framesOf(name);
  const beganMs = performance.now();
  let frame = -1;
  let announced = -1;
  return new ReadableStream({
    async pull(controller) {
      const due = () => Math.floor((performance.now() - beganMs) * rate / 1000);
      frame = Math.max(frame + 1, due());
      await delay(Math.max(0, beganMs + frame * 1000 / rate - performance.now()));
      const { part, at } = dueAt(parts, Math.floor(frame * RATE / rate));
      const { name } = parts[part % parts.length];
      if (part > announced) console.log(`part ${connection} ${name} ${Date.now()}`);
      announced = part;
      const frames = framesOf(name);
      if (connection === connections) sent++;
      controller.enqueue(frames[at % frames.length]);
    },
  }, { highWaterMark: 0 });
}

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ({ url }) => {
  const { pathname, searchParams } = new URL(url);
  if (pathname === "/sent") return new Response(`${sent}`);
  const parts = searchParams.get("play")!.split(",").map((part) => {
    const [name, frames] = part.split(":");
    return { name, frames: Number(frames) };
  });
  const headers = { "Content-Type": `multipart/x-mixed-replace; boundary=${BOUNDARY}` };
  return new Response(stream(parts, Number(searchParams.get("rate"))), { headers });
});
console.log(`listening ${server.addr.port}`);
