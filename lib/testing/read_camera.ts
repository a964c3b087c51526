/** Reads a live camera. For tests. */
import assert from "node:assert/strict";
import type { CameraChange } from "../camera/camera.ts";
import type { Demand } from "../camera/demand.ts";
import { openCamera, type SourceOptions } from "../camera/open_camera.ts";
import type { Frame } from "../image/frame.ts";
import { ONCE } from "./source_options.ts";

/** A camera that is reopened when it is lost, and that decodes on demand where it can. */
export const LIVE: SourceOptions = { ...ONCE, realtime: true, repeat: true, stallMs: 60_000 };

/** What a camera reported. */
export interface Reports {
  readonly changes: CameraChange[];
  readonly decoders: (string | undefined)[];
}

/** Reads frames until `take` returns true. */
export async function read(
  source: string,
  take: (frame: Frame) => boolean | void,
  { demand, ...options }: Partial<SourceOptions> & { readonly demand?: Demand } = {},
): Promise<Reports> {
  const reports: Reports = { changes: [], decoders: [] };
  const stop = new AbortController();
  const camera = await openCamera(source, {
    ...LIVE,
    ...options,
    onChange: (change) => reports.changes.push(change),
    onDecoder: (fault) => reports.decoders.push(fault),
  });
  for await (const frame of camera.frames({ signal: stop.signal, demand })) {
    if (take(frame)) stop.abort();
    frame.release?.();
  }
  return reports;
}

/** The different pictures of a camera, as texts of their pixels and properties, once there are `count` of them. */
export async function pictures(
  url: string,
  count: number,
  options: Partial<SourceOptions> = {},
): Promise<string[]> {
  const found = new Set<string>();
  await read(url, (frame) => {
    found.add(pictureText(frame));
    return found.size >= count;
  }, options);
  return Array.from(found).sort();
}

/** The pixels and properties of a picture as a text. */
export function pictureText({ width, height, pixels }: Frame): string {
  assert.ok(pixels.kind === "yuv420");
  const { y, u, v, ...rest } = pixels;
  const bytes = [y, u, v].map((plane) => Array.from(plane).join());
  return JSON.stringify({ width, height, ...rest, bytes });
}
