/** Files, stand-ins for ffmpeg, and programs that must end by themselves. */
import assert from "node:assert/strict";
import { TempFolder } from "../../lib/testing/temp_folder.ts";
import { runProgram } from "../servers/run_program.ts";

/** A temporary folder for inputs and for an ffmpeg that misbehaves. */
export class InputFolder extends TempFolder {
  /** An environment whose ffmpeg runs `answer` for `-version`, lists no formats, and otherwise runs the script. */
  ffmpeg(script: string, { answer = "echo ffmpeg version 5.1; exit" } = {}): Record<string, string> {
    this.write(
      "ffmpeg",
      `#!/bin/sh\ncase "$*" in -version) ${answer};; *-list_formats*) exit 1;; esac\n${script}\n`,
      0o755,
    );
    return { PATH: `${this.path}:/usr/bin:/bin` };
  }
}

/** Runs a program that must end by itself, with this code and these words, and without a stack trace. */
export async function ends(
  program: string,
  args: readonly string[],
  { code, says, env }: { code: number; says: RegExp; env?: Record<string, string> },
): Promise<void> {
  const ended = await runProgram(program, args, { env });
  assert.match(ended.stderr, says);
  assert.equal(ended.code, code, ended.stderr);
  assert.doesNotMatch(ended.stderr, /\n\s+at /, "no stack trace");
}
