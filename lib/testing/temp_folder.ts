/** A temporary folder that is removed at the end of a test: `using folder = new TempFolder()`. */
export class TempFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "haarlem-test-" });

  /** The path of a file or folder in it. */
  at(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Writes a file, with these permissions whatever the umask is, and returns its path. */
  write(name: string, content: string | Uint8Array, mode = 0o644): string {
    const path = this.at(name);
    Deno.writeFileSync(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    Deno.chmodSync(path, mode);
    return path;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
