import { spawn } from "../start_program.ts";

/** The system is asked through programs that can do nothing but answer: Deno keeps /proc closed to its programs. */
const ANSWER_LIMIT_MS = 5_000;

/** What a program prints; nothing when it is missing, fails or takes too long. */
export async function commandOutput(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await spawn(program, args, {
      env: { LC_ALL: "C" },
      stdout: "piped",
      stderr: "null",
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined; // Not installed, not permitted, too slow: no answer either way.
  }
}
