/** Opens the gallery in the browser of the desktop that the demo was started on. */

/** What the environment says about the desktop. */
interface Desktop {
  readonly os: typeof Deno.build.os;
  readonly env: (name: string) => string | undefined;
}

/** The program that opens a URL; undefined without a desktop, and in a session of ssh, whose desktop is elsewhere. */
export function browserCommand({ os, env }: Desktop): string | undefined {
  if (env("SSH_CONNECTION")) return undefined;
  if (os === "darwin") return "open";
  return env("DISPLAY") || env("WAYLAND_DISPLAY") ? "xdg-open" : undefined;
}

/** Opens a page. The browser outlives the demo, and Ctrl-C does not reach it. Without a browser nothing happens. */
export function openBrowser(url: string, command: string | undefined): void {
  if (command === undefined) return;
  try {
    new Deno.Command(command, { args: [url], stdin: "null", stdout: "null", stderr: "null", detached: true })
      .spawn().unref();
  } catch {
    // The panel shows the address.
  }
}
