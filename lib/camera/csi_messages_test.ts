import assert from "node:assert/strict";
import { configurationOf, CsiMessages } from "./csi_messages.ts";

const PREFIX = "[0:59:13.693486258] [2767]  INFO Camera camera.cpp:1215 configuring streams: ";

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
}

Deno.test("libcamera's description of its frames is read, with the colour space where it names one", () => {
  const colour = (name: string) => {
    const said = configurationOf(`${PREFIX}(0) 640x480-YUV420${name} (1) 2028x1520-BGGR_PISP_COMP1/RAW`);
    assert.deepEqual(said?.size, { width: 640, height: 480 });
    return [said?.colour.matrix, said?.colour.fullRange];
  };
  assert.deepEqual(
    colour(""),
    ["bt601", true],
    "rpicam-vid asks for sYCC, and older libcameras do not name it",
  );
  assert.deepEqual(colour("/sYCC"), ["bt601", true]);
  assert.deepEqual(colour("/SMPTE170M"), ["bt601", false]);
  assert.deepEqual(colour("/Rec709"), ["bt709", false]);
  assert.deepEqual(colour("/Rec709/sRGB/Rec601/Full"), ["bt601", true]);
  assert.deepEqual(colour("/Rec709/Rec709/Rec709/Limited"), ["bt709", false]);
  assert.deepEqual(colour("/Unheard"), ["bt601", true]);
});

Deno.test("the modes that libcamera tries before are no description", () => {
  for (const line of ["", `${PREFIX}(0) 3280x2464-SRGGB10_CSI2P`, "Mode selection for 640:480:12:P"]) {
    assert.equal(configurationOf(line), undefined);
  }
});

Deno.test("what a program says is kept by its end, up to the last frame", async () => {
  const messages = new CsiMessages(streamOf("one\ntw", "o\n", `${PREFIX}(0) 64x48-YUV420\nlast`));
  await messages.closed;
  assert.match(messages.text, /^one\ntwo\nlast\n$/);
  assert.deepEqual((await messages.configuration)?.size, { width: 64, height: 48 });
  messages.add(`${"x".repeat(10_000)}end`);
  assert.ok(messages.text.length <= 4_096);
  assert.match(messages.text, /xend\n$/);
  messages.forget();
  assert.equal(messages.text, "");
});

Deno.test("a program that ends without a description leaves nobody waiting", async () => {
  assert.equal(await new CsiMessages(streamOf("nothing")).configuration, undefined);
});
