/**
 * What ld.so(8) reads from the environment, what its relatives read, and what build environments set beside it. CUDA and
 * ROS set LD_LIBRARY_PATH for a whole login.
 */
const LOADER_VARIABLES = [
  "LD_ASSUME_KERNEL",
  "LD_AUDIT",
  "LD_BIND_NOT",
  "LD_BIND_NOW",
  "LD_DEBUG",
  "LD_DEBUG_OUTPUT",
  "LD_DYNAMIC_WEAK",
  "LD_HWCAP_MASK",
  "LD_LIBRARY_PATH",
  "LD_LIBRARY_PATH_32",
  "LD_LIBRARY_PATH_64",
  "LD_ORIGIN_PATH",
  "LD_POINTER_GUARD",
  "LD_PREFER_MAP_32BIT_EXEC",
  "LD_PRELOAD",
  "LD_PROFILE",
  "LD_PROFILE_OUTPUT",
  "LD_RUN_PATH",
  "LD_SHOW_AUXV",
  "LD_TRACE_LOADED_OBJECTS",
  "LD_TRACE_PRELINKING",
  "LD_USE_LOAD_BIAS",
  "LD_VERBOSE",
  "LD_WARN",
  "DYLD_FALLBACK_LIBRARY_PATH",
  "DYLD_FRAMEWORK_PATH",
  "DYLD_INSERT_LIBRARIES",
  "DYLD_LIBRARY_PATH",
];

/**
 * Removes the loader's variables from this process, which is loaded already. With one of them set Deno starts no program,
 * since it would make ffmpeg load other code. A program without the permission starts none, and keeps them.
 */
export function dropLoaderVariables(): void {
  for (const name of LOADER_VARIABLES) {
    try {
      Deno.env.delete(name);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotCapable)) throw error;
    }
  }
}
