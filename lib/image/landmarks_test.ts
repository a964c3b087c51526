/** The geometry of landmarks, of a drawn head and of faces that YuNet found. */
import assert from "node:assert/strict";
import type { Box, Point } from "./frame.ts";
import { frontality, geometryOf, type Landmarks, showsBothEyes } from "./landmarks.ts";

/** The landmarks of a head in millimetres: x to the right in the picture, y down, z to the camera. */
const HEAD = [[-31, 0, 0], [31, 0, 0], [0, 38, 28], [-25, 70, 4], [25, 70, 4]];
/** Pixels per millimetre. */
const SCALE = 0.5;
/** The box of the head, which is 140 mm wide. */
const BOX: Box = { x: 65, y: 55, width: 70, height: 90 };

/** The landmarks of the head at 100, 90, turned to a side and tilted in the picture, by degrees. */
function drawn({ yaw = 0, tilt = 0 }): Landmarks {
  const [turned, rolled] = [yaw, tilt].map((degrees) => degrees * Math.PI / 180);
  return HEAD.map(([x, y, z]) => {
    const across = x * Math.cos(turned) + z * Math.sin(turned);
    return {
      x: 100 + SCALE * (across * Math.cos(rolled) - y * Math.sin(rolled)),
      y: 90 + SCALE * (across * Math.sin(rolled) + y * Math.cos(rolled)),
    };
  });
}

interface RealFace {
  readonly box: Box;
  readonly landmarks: Landmarks;
}

function face([x, y, width, height]: number[], points: number[]): RealFace {
  const landmarks = [0, 2, 4, 6, 8].map((at) => ({ x: points[at], y: points[at + 1] }));
  return { box: { x, y, width, height }, landmarks };
}

/** A woman who turns her head, a man and a woman with tilted heads, and the back of a head, by YuNet in public clips. */
const FACES = {
  frontal: face([205, 58, 66, 92], [223.7, 91.2, 256.7, 91.5, 241.3, 107.8, 225.9, 122.4, 255.1, 123.8]),
  halfTurned: face([215, 58, 65, 95], [241.6, 88.8, 268.2, 88.8, 262, 107.1, 244, 125.5, 268, 124.8]),
  profile: face([181, 60, 57, 86], [186.1, 92.1, 204.9, 93, 185.2, 106.6, 187.5, 123, 203, 124.5]),
  tiltedMan: face([297, 64, 73, 83], [332.7, 92.5, 356.1, 90.1, 356.5, 107.1, 342, 122.9, 362.8, 122.2]),
  tiltedWoman: face([38, 91, 60, 68], [49.6, 114.5, 73.1, 113.2, 59.5, 127.5, 57.7, 138.9, 76.3, 139]),
  back: face([272, 16, 24, 28], [279.4, 26.2, 285.9, 26.4, 281.2, 33.1, 280.8, 37.1, 284, 37.7]),
};

const frontalityOf = ({ landmarks, box }: RealFace) => frontality(landmarks, box);

Deno.test("a drawn head is less frontal the further it is turned or tilted, to either side", () => {
  const degrees = [0, 10, 20, 30, 40];
  for (const side of [-1, 1]) {
    for (const pose of ["yaw", "tilt"]) {
      const values = degrees.map((angle) => frontality(drawn({ [pose]: side * angle }), BOX));
      assert.deepEqual(values, values.toSorted((a, b) => b - a), `${pose} ${side}: ${values}`);
      assert.ok(values[0] > 0.95 && values[4] < values[0] * 0.8, `${pose} ${side}: ${values}`);
    }
  }
  assert.equal(frontality(drawn({ tilt: 180 }), BOX), 0, "upside down");
});

Deno.test("a real face from the front is more frontal than a turned one, and that than a profile", () => {
  const { frontal, halfTurned, profile, tiltedMan } = FACES;
  assert.ok(frontalityOf(frontal) > 0.9);
  assert.ok(frontalityOf(halfTurned) < frontalityOf(frontal) * 0.6);
  assert.ok(frontalityOf(profile) < frontalityOf(halfTurned) / 2);
  assert.ok(frontalityOf(tiltedMan) < frontalityOf(frontal));
});

Deno.test("geometryOf() does not depend on place, size and tilt", () => {
  const upright = geometryOf(drawn({ yaw: 15 }));
  const moved = ({ x, y }: Point) => ({ x: 3 * x + 100, y: 3 * y - 50 });
  const { eyes, tilt, ...others } = geometryOf(drawn({ yaw: 15, tilt: 40 }).map(moved));
  assert.ok(Math.abs(eyes - 3 * upright.eyes) < 1e-6);
  assert.ok(Math.abs(tilt - 40 * Math.PI / 180) < 1e-9);
  for (const [name, value] of Object.entries(others)) {
    assert.ok(Math.abs(value - upright[name as keyof typeof upright]) < 1e-9, name);
  }
});

Deno.test("both eyes are in view from the front, half turned and tilted; not in profile and from behind", () => {
  const shows = Object.entries(FACES).map((
    [name, { landmarks, box }],
  ) => [name, showsBothEyes(landmarks, box)]);
  assert.deepEqual(Object.fromEntries(shows), {
    frontal: true,
    halfTurned: true,
    profile: false,
    tiltedMan: true,
    tiltedWoman: true,
    back: false,
  });
  for (const yaw of [-30, 0, 30]) assert.ok(showsBothEyes(drawn({ yaw }), BOX), `${yaw} degrees`);
  for (const yaw of [-60, 60]) assert.ok(!showsBothEyes(drawn({ yaw }), BOX), `${yaw} degrees`);
});

Deno.test("no eyes are in view where an eye is outside of the box, or the points are no face", () => {
  const head = drawn({});
  assert.ok(!showsBothEyes(head, { ...BOX, x: BOX.x + 30 }), "an eye outside");
  const [rightEye, leftEye, nose, ...mouth] = head;
  assert.ok(!showsBothEyes([leftEye, rightEye, nose, ...mouth], BOX), "the eyes exchanged");
  assert.ok(!showsBothEyes([rightEye, leftEye, mouth[0], nose, nose], BOX), "the nose below the mouth");
  const point = Array<Point>(5).fill({ x: 100, y: 100 });
  assert.ok(!showsBothEyes(point, BOX), "one point");
  assert.ok(frontality(point, BOX) < 1e-6);
});
