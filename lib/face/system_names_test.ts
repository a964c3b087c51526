/** Names of operating systems, and names of faces. */
import assert from "node:assert/strict";
import { isInSystemFolder, isSystemName } from "./system_names.ts";

Deno.test("names of operating systems are distinguished from names of faces", () => {
  const system = [
    "@eaDir",
    "#recycle",
    "$RECYCLE.BIN",
    "$Recycle.Bin",
    "System Volume Information",
    "lost+found",
    "LOST.DIR",
    "FOUND.000",
    "trashbox",
    "Network Recycle Bin",
  ];
  for (const name of [...system, ".Trash-1000", "._a.png", ".DS_Store", "~snapshot", "LOST+FOUND"]) {
    assert.ok(isSystemName(name), name);
    assert.ok(isInSystemFolder(`2026-01-31/${name}/a.png`), name);
  }
  const ours = [
    "2026-01-31",
    "HW3",
    "a.png",
    "x@y.png",
    "12-31-2026-23-59-59_image.png",
    "lost+found.png",
    "undated",
  ];
  for (const name of ours) assert.ok(!isSystemName(name), name);
});
