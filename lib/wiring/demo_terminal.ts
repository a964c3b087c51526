/** The terminal, the desktop and the environment that the demo was started with. */
import { browserCommand } from "../demo/browser.ts";
import type { Screen } from "../demo/display.ts";
import { terminalOf } from "../terminal/terminal.ts";

/** The terminal behind standard output; undefined for a pipe, a file, and a terminal that can only append. */
export function outputScreen(): Screen | undefined {
  const terminal = terminalOf(Deno.stdout, { term: Deno.env.get("TERM") });
  return terminal && {
    ...terminal,
    rows: () => {
      try {
        return Deno.consoleSize().rows;
      } catch {
        return 0; // The terminal is closed.
      }
    },
  };
}

/** Whether the environment has a token for the gallery alone, which the gallery checks itself. */
export function hasGalleryToken(): boolean {
  return Boolean(Deno.env.get("HAARLEM_GALLERY_TOKEN"));
}

/** Calls `onClosed` when the terminal is closed. Without a terminal the signal is not ours: `nohup` ignores it. */
export function onTerminalClosed(screen: Screen | undefined, onClosed: () => void): void {
  if (screen) Deno.addSignalListener("SIGHUP", onClosed);
}

/** The program that opens a page on the desktop of this terminal; undefined where there is none. */
export function desktopBrowser(screen: Screen | undefined): string | undefined {
  return screen && browserCommand({ os: Deno.build.os, env: (name) => Deno.env.get(name) });
}

/** Writes to standard output. Throws when it is closed. */
export function writeOutput(text: string): void {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
