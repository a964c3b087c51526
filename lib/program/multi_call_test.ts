/** The permissions of a program in the multi-call executable. */
import assert from "node:assert/strict";
import { run } from "../testing/command.ts";
import { ROOT } from "../testing/files.ts";
import { inFullSuite } from "../testing/skip.ts";

/** The state of each kind of permission after the program has dropped what it does not need, and after `more`. */
async function left(program: string, more = ""): Promise<Record<string, string>> {
  const script = `
    import { dropPermissions } from "${ROOT}/lib/program/multi_call.ts";
    await dropPermissions("${program}");
    ${more}
    const states = {};
    for (const name of ["read", "write", "net", "env", "run", "sys", "ffi"]) {
      states[name] = (await Deno.permissions.request({ name })).state;
    }
    console.log(JSON.stringify(states));`;
  const args = ["run", "-A", "--no-prompt", "--config", `${ROOT}/deno.json`, "-"];
  const env = { NOTIFY_SOCKET: "", NO_COLOR: "1" };
  return JSON.parse(await run(Deno.execPath(), args, { env, stdin: script }));
}

Deno.test(
  "a program of the multi-call executable permanently drops the permissions that it does not need",
  inFullSuite(),
  async () => {
    const [yes, no] = ["granted", "denied"];
    const needed = { read: yes, net: yes, env: yes, sys: yes, ffi: no };
    assert.deepEqual(await left("detector"), { ...needed, write: yes, run: yes });
    assert.deepEqual(await left("forwarder"), { ...needed, write: no, run: no });
    // The gallery decides by its settings, see below.
    assert.deepEqual(await left("gallery"), { ...needed, write: yes, run: no });
    assert.deepEqual(await left("saver"), { ...needed, write: yes, run: yes });
  },
);

Deno.test("the gallery may write only where it deletes or caches files", inFullSuite(), async () => {
  const cases = [
    ["nothing", "./faces", undefined, "denied"],
    ["delete", "s3://bucket", undefined, "denied"],
    ["delete", "./faces", undefined, "granted"],
    ["nothing", "./faces", "/var/cache/faces", "granted"],
  ] as const;
  for (const [allow, store, cache, expected] of cases) {
    const { write } = await left(
      "gallery",
      `const { giveUpWriting } = await import("${ROOT}/lib/wiring/gallery_access.ts");
       await giveUpWriting(${JSON.stringify({ allow, store })}, ${JSON.stringify(cache)});`,
    );
    assert.equal(write, expected, `${allow} ${store} ${cache}`);
  }
});
