/**
 * Names of files that operating systems create on a shared disk: thumbnails and recycle bins of NAS systems (`@eaDir`,
 * `#recycle`, `trashbox`), of Windows (`$RECYCLE.BIN`, `FOUND.000`), Android (`LOST.DIR`) and macOS (`._face.png`,
 * `.Trashes`), snapshots (`~snapshot`), and the results of a file system check (`lost+found`). They contain copies of pictures that no saver stored there.
 */
const SYSTEM_NAME =
  /^(?:[.@#$~].*|lost\+found|lost\.dir|found\.\d{3}|trashbox|(?:network )?recycle bin|system volume information|recycler|recycled|network trash folder|temporary items)$/i;

/** Whether a file or folder with this name belongs to an operating system. */
export function isSystemName(name: string): boolean {
  return SYSTEM_NAME.test(name);
}

/** Whether any part of a path belongs to an operating system. */
export function isInSystemFolder(path: string): boolean {
  return path.split("/").some(isSystemName);
}
