/** Who may open the gallery, and which rights its process gives up. */
import assert from "node:assert/strict";
import { ROOT } from "../testing/files.ts";
import { TempFolder } from "../testing/temp_folder.ts";
import { checkGalleryAccess } from "./gallery_access.ts";

type Checked = Parameters<typeof checkGalleryAccess>[0];

Deno.test("everybody who could see or delete the faces has to have the token", () => {
  const settings = { listen: { host: "127.0.0.1", port: 0 }, allow: "nothing" } as Checked;
  checkGalleryAccess(settings);
  checkGalleryAccess({ ...settings, token: "x", allow: "delete", listen: { host: "0.0.0.0", port: 0 } });
  assert.throws(
    () => checkGalleryAccess({ ...settings, listen: { host: "0.0.0.0", port: 0 } }),
    /without a token/,
  );
  assert.throws(() => checkGalleryAccess({ ...settings, allow: "delete" }), /--allow delete without a token/);
});

Deno.test("only a gallery that deletes in a folder keeps the right to write there", async () => {
  using folder = new TempFolder();
  const write = async (allow: string, store: string) => {
    const script = `import { giveUpWriting } from "${ROOT}/lib/wiring/gallery_access.ts";
      await giveUpWriting({ allow: "${allow}", store: "${store}" });
      try { Deno.writeTextFileSync("${folder.at("file")}", ""); console.log("written"); }
      catch (error) { console.log(error.name); }`;
    folder.write("script.ts", new TextEncoder().encode(script));
    const args = ["run", "--quiet", "--no-prompt", "--no-check", `--config=${ROOT}/deno.json`, "-P=gallery"];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args, folder.at("script.ts")],
    })
      .output();
    return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
  };
  assert.equal(await write("nothing", folder.path), "NotCapable");
  assert.equal(await write("delete", "s3://bucket/faces"), "NotCapable");
  assert.equal(await write("delete", folder.path), "written");
});
