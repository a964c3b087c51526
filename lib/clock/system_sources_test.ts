/** The boot id and the clock's state from the programs of the system. */
import assert from "node:assert/strict";
import { SYSTEM_SOURCES } from "./system_sources.ts";
import { inFullSuite } from "../testing/skip.ts";

/** Shell scripts in front of PATH while the test runs. */
class SystemPrograms implements Disposable {
  readonly #folder = Deno.makeTempDirSync({ prefix: "programs-" });
  readonly #path = Deno.env.get("PATH")!;

  constructor(scripts: Record<string, string>) {
    for (const [name, script] of Object.entries(scripts)) {
      Deno.writeTextFileSync(`${this.#folder}/${name}`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    }
    Deno.env.set("PATH", `${this.#folder}:${this.#path}`);
  }

  [Symbol.dispose](): void {
    Deno.env.set("PATH", this.#path);
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

Deno.test(
  "the boot id comes from systemd-id128 and, before systemd 240, from sysctl",
  inFullSuite(),
  async () => {
    const id = "0123456789abcdef0123456789abcdef";
    const missing = "exit 127";
    const cases: [Record<string, string>, string | undefined][] = [
      [{ "systemd-id128": `echo ${id}`, "sysctl": missing }, id],
      [{ "systemd-id128": missing, "sysctl": "echo 01234567-89ab-cdef-0123-456789abcdef" }, id],
      [{ "systemd-id128": missing, "sysctl": missing }, undefined],
      [{ "systemd-id128": "echo Unknown verb boot-id.", "sysctl": missing }, undefined],
    ];
    for (const [scripts, expected] of cases) {
      using _ = new SystemPrograms(scripts);
      assert.equal(await SYSTEM_SOURCES.bootId(), expected, JSON.stringify(scripts));
    }
  },
);

Deno.test("synchronised() works with a timedatectl that has no verb show", inFullSuite(), async () => {
  // As systemd 237 and 234 print it.
  const status = (line: string) =>
    `[ "$1" = status ] || exit 1; printf '      Local time: Thu 2026-11-26 10:00:00 UTC\\n%s\\n' '${line}'`;
  const cases: [string, string][] = [
    ["echo yes", "yes"],
    ["echo no", "no"],
    [status("       System clock synchronized: yes"), "yes"],
    [status(" NTP synchronized: no"), "no"],
    [status("  RTC in local TZ: no"), "unknown"],
    ["exit 1", "unknown"],
  ];
  for (const [script, expected] of cases) {
    using _ = new SystemPrograms({ timedatectl: script });
    assert.equal(await SYSTEM_SOURCES.synchronised(), expected, script);
  }
});
