import { join } from "node:path";
import { FatalError } from "../lib/errors.ts";
import { freePort } from "../test/servers/free_port.ts";
import { partsWith } from "./run_bench.ts";

/** What of the peer does the work of our detector, forwarder and saver. */
const ITS_PROGRAMS = ["detector", "forwarder", "saver"];
const MAX_PORT = 65_000;

/**
 * Runs the homework's own pipeline of Python programs on a clip and returns its line, and one that compares.
 * Its folder is not written to: the Python it would make there is a link elsewhere, with the packages our tests use.
 */
export async function runPeer(script: string, clip: string): Promise<string[]> {
  const { python, versitygw, peerPythonPath } = partsWith("python", "versitygw", "peerPythonPath");
  const folder = await Deno.makeTempDir({ prefix: "peer-" });
  try {
    await Deno.mkdir(join(folder, "bin"));
    await Deno.symlink(python, join(folder, "bin/python"));
    const { stdout, stderr } = await new Deno.Command(script, {
      args: [clip],
      env: {
        VENV: folder,
        VGW: versitygw,
        PYTHONPATH: peerPythonPath,
        PYTHONDONTWRITEBYTECODE: "1",
        PORT0: String(Math.min(freePort(), MAX_PORT)),
        DETAIL: "1",
      },
      stdin: "null",
    }).output();
    const text = new TextDecoder().decode(stdout).trim();
    if (!text.startsWith("peer ")) {
      throw new FatalError(`the peer failed: ${text}${new TextDecoder().decode(stderr).trim()}`);
    }
    return [text, summary(text)];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Its own cpu_ms_per_frame is that of the detector alone, without what it takes to start. */
function summary(line: string): string {
  const figure = (name: string) => Number(new RegExp(`\\b${name}=([\\d.]+)`).exec(line)?.[1]);
  const cpu = line.slice(line.indexOf("| cpu_s"));
  const seconds = ITS_PROGRAMS.map((name) => Number(new RegExp(`\\b${name}=([\\d.]+)`).exec(cpu)?.[1]));
  const perFrameMs = seconds.reduce((sum, part) => sum + part, 0) * 1000 / figure("frames");
  return `peer as ours is counted (${ITS_PROGRAMS.join(", ")}): ${perFrameMs.toFixed(2)} CPU ms/frame`;
}
