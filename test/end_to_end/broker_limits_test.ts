/** A face that a broker or the forwarder refuses stops no other face, and is evicted with its size. */
import assert from "node:assert/strict";
import type { FaceFile } from "../../lib/face/face.ts";
import { needs } from "../needs.ts";
import { makeFace } from "./cloud_side.ts";
import { Pipeline } from "./pipeline.ts";

const SAMPLE_FACES = 17;
const parts = needs("mosquitto", "versitygw");

/** Writes a face into the outbox, like an earlier start. */
async function plant(pipeline: Pipeline, face: FaceFile): Promise<void> {
  await Deno.mkdir(`${pipeline.state}/outbox`, { recursive: true });
  await Deno.writeFile(`${pipeline.state}/outbox/000000000001-${face.id}`, face.bytes);
}

interface Case {
  readonly edge?: string;
  readonly cloud?: string;
  readonly qos?: string;
  readonly forwarder?: readonly string[];
  /** Width and height of the large face. */
  readonly side?: number;
  readonly reason: RegExp;
}

const LARGE = 160; // 75 kB of noise
const CASES: Record<string, Case> = {
  "the edge broker closes the connection on it": {
    edge: "max_packet_size 60000",
    reason: /^the connection to the broker breaks whenever it is sent \(\d{5} bytes\)$/,
  },
  "the edge broker closes the connection on it, QoS 0": {
    edge: "max_packet_size 60000",
    qos: "0",
    reason: /^the connection to the broker breaks whenever it is sent \(\d{5} bytes\)$/,
  },
  "the cloud broker closes the connection on it": {
    cloud: "max_packet_size 60000",
    reason: /^the connection to the broker in the cloud breaks whenever it is sent \(\d{5} bytes\)$/,
  },
  "the edge broker drops it without a word": {
    edge: "message_size_limit 60000",
    reason: /^no receipt comes for it while others get theirs \(\d{5} bytes\)$/,
  },
  "the cloud broker drops it without a word": {
    cloud: "message_size_limit 60000",
    reason: /^no receipt comes for it while others get theirs \(\d{5} bytes\)$/,
  },
  "it is larger than the forwarder's --max-message": {
    forwarder: ["--max-message", "1"],
    side: 640,
    reason: /^larger than --max-message of the forwarder \(\d{7} bytes\)$/,
  },
};

for (const [name, { edge, cloud, qos, forwarder, side = LARGE, reason }] of Object.entries(CASES)) {
  Deno.test(`a large face stops no other face and is evicted: ${name}`, parts, async () => {
    await using pipeline = await Pipeline.start({ edge, cloud, qos });
    if (forwarder) {
      await pipeline.forwarder.kill();
      pipeline.startForwarder(forwarder);
    }
    const large = makeFace({ side, noise: true });
    await plant(pipeline, large);
    const { code, stderr } = await pipeline.detect("sample", ["--retry", "0.5"]).ended();
    assert.equal(code, 0, stderr);
    const stored = Array.from((await pipeline.faces()).values());
    assert.equal(stored.length, SAMPLE_FACES);
    assert.ok(!stored.some(({ id }) => id === large.id));
    const entries = (await Deno.readTextFile(`${pipeline.state}/ledger.jsonl`)).trim().split("\n");
    assert.deepEqual(entries.map((line) => JSON.parse(line).id), [large.id]);
    assert.match(JSON.parse(entries[0]).reason, reason);
    assert.match(stderr, /evicted a face: /);
    for (const log of [stderr, pipeline.forwarder.stderr]) {
      assert.ok((log.match(/no receipt comes for the faces/g)?.length ?? 0) <= 1, log);
      // The closed connection, and from the third time on that the broker closes each one.
      assert.ok((log.match(/no connection to the (edge |cloud )?broker/g)?.length ?? 0) <= 2, log);
    }
  });
}

Deno.test("--max-face scales faces down until they fit, and records the scale in their metadata", {
  ...parts,
}, async () => {
  await using pipeline = await Pipeline.start({ edge: "max_packet_size 9000" });
  const { code, stderr } = await pipeline.detect("sample", ["--max-face", "8"]).ended();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /evicted=0/);
  const faces = Array.from((await pipeline.faces()).values());
  assert.equal(faces.length, SAMPLE_FACES);
  for (const { bytes, width, height, metadata } of faces) {
    assert.ok(bytes.length <= 8 * 1024);
    const { crop, scale = 1 } = metadata!;
    assert.ok(Math.abs(width - crop.width * scale) <= 1 && Math.abs(height - crop.height * scale) <= 1);
  }
  assert.ok(faces.some(({ metadata }) => metadata!.scale !== undefined && metadata!.scale < 1));
});
