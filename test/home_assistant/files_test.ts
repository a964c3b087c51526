/** The files for Home Assistant's users: blueprint, dashboard card, and the automation of docs/HOME-ASSISTANT.md. */
import assert from "node:assert/strict";
import { output } from "../../lib/testing/command.ts";
import { projectFile } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { messageOf } from "./device.ts";

const PAGE = "docs/HOME-ASSISTANT.md";
const CARD = "deploy/home-assistant/card.yaml";
const BLUEPRINT = "deploy/home-assistant/blueprint.yaml";
const CHECK = new URL("check_blueprint.py", import.meta.url).pathname;

Deno.test("every entity that the card and the page name is one of the device", async () => {
  const { components } = messageOf("haar");
  const entities = new Set(Object.values(components).map(({ default_entity_id: id }) => id));
  const named = [...await entityIds(CARD), ...await entityIds(PAGE)];
  assert.ok(named.length > 10);
  assert.deepEqual(named.filter((id) => !entities.has(id)), []);
});

async function entityIds(path: string): Promise<string[]> {
  const text = await projectFile(path);
  return text.match(/\b(image|binary_sensor|sensor|switch|number)\.haarlem_\w+/g) ?? [];
}

Deno.test("the page names every entity, and every setting that can be changed", async () => {
  const page = (await projectFile(PAGE)).toLowerCase();
  for (const engine of ["haar", "yunet"] as const) {
    const names = Object.values(messageOf(engine).components).map(({ name }) => `${name}`.toLowerCase());
    // The page speaks of "minimum and maximum face size", "skipped frames, frame rate" and the like.
    const words = new Set(names.flatMap((name) => name.split(" ")));
    assert.deepEqual([...words].filter((word) => word.length > 3 && !page.includes(word)), []);
  }
});

Deno.test(
  "Home Assistant takes the blueprint, which is quiet in its hours, and the automation of the page",
  needs("homeAssistant"),
  async () => {
    using folder = new TempFolder();
    const automation = /```yaml\n([^]*?)```/.exec(await projectFile(PAGE))![1];
    await Deno.writeTextFile(`${folder.path}/automation.yaml`, automation);
    const packages = findParts().homeAssistant!;
    const blueprint = new URL(`../../${BLUEPRINT}`, import.meta.url).pathname;
    const { code, stdout, stderr } = await output(`${packages}/python`, [
      CHECK,
      blueprint,
      `${folder.path}/automation.yaml`,
    ], { env: { PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" } });
    assert.equal(code, 0, stderr);
    const { inputs, notified, about } = JSON.parse(stdout);
    assert.deepEqual(inputs, ["face", "notify_service", "quiet_from", "quiet_to", "title"]);
    assert.deepEqual(notified, Array.from({ length: 15 }, (_, index) => index + 7));
    // Both speak of the face that triggered them, not of what the entity shows by then.
    assert.deepEqual(about, [
      { condition: "True", message: "2026-11-26 00:01:01+00:00" },
      { message: "front, 00:01:01", tag: "haarlem-front-2026-11-26T00:00:01.000Z-1" },
    ]);
  },
);
