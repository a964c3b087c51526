/** The gallery's list of cameras: over one broker, and from a board through the forwarder. */
import assert from "node:assert/strict";
import type { ShownCamera } from "../../lib/gallery/cameras.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { TextReader } from "../../lib/testing/text_reader.ts";
import { until } from "../../lib/testing/until.ts";
import { needs } from "../needs.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram } from "../servers/run_program.ts";
import { FaceFolder, startGallery } from "./gallery_page.ts";

interface List {
  readonly broker: string;
  readonly cameras: readonly ShownCamera[];
}

const listOf = async (gallery: { url: string }): Promise<List> =>
  await (await fetch(`${gallery.url}api/cameras`)).json();

Deno.test(
  "a camera is listed at both brokers, and a dead detector is trouble",
  needs("mosquitto"),
  async () => {
    await using edge = await Mosquitto.start();
    await using cloud = await Mosquitto.start();
    using faces = new FaceFolder();
    using state = new TempFolder();
    await using _forwarder = new RunningProgram("forwarder", ["--edge", edge.url, "--cloud", cloud.url]);
    const store = ["--store", faces.path];
    await using atEdge = await startGallery([...store, "--broker", edge.url]);
    await using atCloud = await startGallery([...store, "--broker", cloud.url]);
    await until(async () => (await listOf(atEdge)).broker === "connected", "the gallery is connected");
    assert.deepEqual((await listOf(atEdge)).cameras, []);

    await using detector = new RunningProgram("detector", [
      ...["--source", "sample", "--camera", "front", "--device", "board1"],
      ...["--broker", edge.url, "--state", state.path],
    ]);
    for (const gallery of [atEdge, atCloud]) {
      await until(
        async () => (await listOf(gallery)).cameras[0]?.lastFrame,
        "the camera is listed with a frame",
      );
      const [{ name, device, version, waiting }] = (await listOf(gallery)).cameras;
      assert.deepEqual([name, device, typeof version, typeof waiting], [
        "front",
        "board1",
        "string",
        "number",
      ]);
    }
    await detector.kill();
    const reason = async () => (await listOf(atEdge)).cameras[0].reason;
    await until(async () => /stopped, or not connected/.test(await reason() ?? ""), "the last will arrives");

    // The page gets the list as an event, too.
    const events = new TextReader((await fetch(`${atEdge.url}events`)).body!);
    await using _again = new RunningProgram("detector", [
      ...["--source", "sample", "--camera", "front", "--device", "board1"],
      ...["--broker", edge.url, "--state", state.path],
    ]);
    await events.until(/event: cameras\ndata: \[\{"name":"front"/);

    await edge.kill();
    await events.until(/event: broker\ndata: \{"broker":"away"/);
    await events.cancel();
    await until(async () => (await listOf(atEdge)).broker === "away", "the broker is away");
    assert.equal((await listOf(atEdge)).cameras.length, 1);
  },
);

Deno.test("without a broker no camera is listed", async () => {
  using faces = new FaceFolder();
  await using gallery = await startGallery(["--store", faces.path]);
  assert.deepEqual(await listOf(gallery), { broker: "none", cameras: [] });
});
