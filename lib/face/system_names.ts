/**
 * Names that systems give to files of their own on a shared disk: thumbnails and recycle bins of NAS boxes (`@eaDir`,
 * `#recycle`), of Windows (`$RECYCLE.BIN`) and Macs (`._face.png`, `.Trashes`), snapshots (`~snapshot`), and what a file
 * system check found (`lost+found`). They hold copies of pictures that nobody stored there.
 */
const SYSTEM_NAME =
  /^(?:[.@#$~].*|lost\+found|system volume information|recycler|recycled|network trash folder|temporary items)$/i;

/** Whether a file or folder of this name is a system's own. */
export function isSystemName(name: string): boolean {
  return SYSTEM_NAME.test(name);
}

/** Whether any part of a path is. */
export function isInSystemFolder(path: string): boolean {
  return path.split("/").some(isSystemName);
}
