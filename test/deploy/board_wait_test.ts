/** The wait of an installation for its units does not depend on the clock, which a time server may set meanwhile. */
import assert from "node:assert/strict";
import { output } from "../../lib/testing/command.ts";
import { inProject } from "../../lib/testing/files.ts";
import { TempFolder } from "../../lib/testing/temp_folder.ts";

/** Stand-ins for the system: a detector that is ready at the third look, on a board whose clock is set after the first. */
const SYSTEM = `
say() { printf '%s\\n' "$*"; }
listed() { case $1 in wait) say 60 ;; unit) say haarlem-detector@front.service ;; esac; }
has_line() { return 1; }
journalctl() { say 'first frame searched'; }
sleep() { say slept >>"$folder/looks"; }
date() { [ -s "$folder/looks" ] && say 1795750000 || say 100; }
systemctl() {
  case $* in
    *ActiveState*) [ "$(grep -c slept "$folder/looks")" -ge 2 ] && say active || say activating ;;
    *NRestarts*) say 0 ;;
  esac
}
`;

Deno.test("a clock that is set during an installation ends no wait", async () => {
  using folder = new TempFolder();
  const { code, stdout, stderr } = await output("sh", [
    "-c",
    `set -eu; folder=$1 changes=0; : >"$folder/looks"; . "$2"\n${SYSTEM}\ncheck_units`,
    "sh",
    folder.path,
    inProject("deploy/install.d/board_units.sh"),
  ]);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /front: first frame searched/);
});
