/** The faces of a detector that searches one stream of a camera and cuts faces from another. */
import assert from "node:assert/strict";
import { readFace } from "../../lib/face/face_file.ts";
import { decodePng } from "../../lib/image/png.ts";
import { filesIn } from "../../lib/testing/files.ts";
import { until } from "../../lib/testing/until.ts";

/** What a delivered face shows: its frame, and the person by the half of the face that is lighter. */
export async function facesIn(folder: string) {
  const paths = await Array.fromAsync(filesIn(folder));
  return paths.filter((path) => path.endsWith(".png")).sort().map((path) => {
    const bytes = Deno.readFileSync(path) as Uint8Array<ArrayBuffer>;
    const { frame, box, crop, visit } = readFace(bytes).metadata!;
    const { width, height, rgb } = decodePng(bytes);
    assert.deepEqual([width, height], [crop.width, crop.height]);
    const light = [0, 0];
    for (let at = 0; at < rgb.length; at += 3) light[Number(at / 3 % width >= width / 2)] += rgb[at];
    const person = light[0] > light[1] ? "lit from the left" : "lit from the right";
    return { frame: `${frame.width}x${frame.height}`, side: box.width, visit: visit?.number, person };
  });
}

/** The faces that were cut from frames of this size, such as `640x480`, once there are `more` than now. */
export async function facesOf(size: string, folder: string, { more }: { more: number }) {
  const find = async () => (await facesIn(folder)).filter(({ frame }) => frame === size);
  const wanted = (await find()).length + more;
  return await until(
    async () => {
      const faces = await find();
      return faces.length >= wanted && faces;
    },
    `${more} more faces of ${size}`,
    { folder, limitMs: 180_000 }, // A busy machine decodes few pictures of a main stream in time.
  );
}
