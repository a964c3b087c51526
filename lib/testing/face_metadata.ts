/** The metadata of a face, with all required fields and a clock, and the landmarks of its box. For tests. */
import type { FaceMetadata } from "../face/face.ts";

export const METADATA: FaceMetadata = {
  camera: "front-door",
  device: "board_7",
  captured: "2026-02-03T04:05:06.789Z",
  clock: { synchronised: "no", bootId: "b4b38f5f00484098b55946a812fa4c51", monotonicMs: 123_456 },
  epoch: "00112233aabbccdd",
  sequence: 42,
  box: { x: 10, y: 20, width: 30, height: 40 },
  crop: { x: 4, y: 12, width: 42, height: 56 },
  frame: { width: 640, height: 480 },
  cascade: "haarcascade_frontalface_default.xml",
  settings: { scaleFactor: 1.3, minNeighbors: 5 },
};

/** Landmarks of a frontal face in the box of METADATA. */
export const LANDMARKS: NonNullable<FaceMetadata["landmarks"]> = [
  { x: 18.5, y: 35 },
  { x: 31.5, y: 35.2 },
  { x: 25.1, y: 42 },
  { x: 20, y: 50.4 },
  { x: 30.2, y: 50.6 },
];
