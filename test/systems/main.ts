/** `deno task test:systems`: all available systems, or those that HAARLEM_SYSTEMS names. */
import { join } from "node:path";
import { findProgram } from "../parts.ts";

const missing = Object.entries({
  debootstrap: "debootstrap",
  "systemd-nspawn": "systemd-container",
  ssh: "openssh-client",
  ip: "iproute2",
}).filter(([program]) => !findProgram(program)).map(([, name]) => name);
if (missing.length > 0 || Deno.uid() !== 0) {
  console.error(
    `test:systems makes and boots systems, as root with ${missing.join(", ") || "all of its tools"}`,
  );
  console.error(`Try: sudo apt-get install ${missing.join(" ")}; then the same again as root`);
  Deno.exit(1);
}
const { code } = await new Deno.Command(Deno.execPath(), {
  args: ["run", "-A", join(import.meta.dirname!, "../run.ts"), "test/systems", ...Deno.args],
  env: { HAARLEM_SYSTEMS: Deno.env.get("HAARLEM_SYSTEMS") ?? "all" },
  stdin: "null",
}).spawn().status;
Deno.exit(code);
