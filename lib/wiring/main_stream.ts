/**
 * Cameras with two streams (`--detect-source`): the sub stream is searched, and faces are cut from the main stream. This
 * checks the settings, opens the main stream and reports its outages.
 */
import { openMainStream } from "../camera/main_stream.ts";
import { isStreamAddress } from "../camera/open_camera.ts";
import type { MainSource } from "../camera/main_pictures.ts";
import { ConfigError, messageOf } from "../errors.ts";
import type { Health } from "../health/health.ts";
import { retrying, sinceMinutes } from "../async/outage.ts";
import type { Log } from "../log.ts";
import { quoted } from "../safe_address.ts";
import { type SOURCE_SETTINGS, sourceOptions } from "./camera.ts";
import { ComponentOutage } from "./component_outage.ts";
import type { Values } from "../settings/declare.ts";

/** Its name among the components of the program. */
export const MAIN_STREAM = "main stream";

type TwoStreamSettings = Values<typeof SOURCE_SETTINGS> & { readonly faces: "best" | "every" };

/** Throws a ConfigError for a `--detect-source` that the other settings do not allow. */
export function checkDetectSource({ source, detectSource, once, faces }: TwoStreamSettings): void {
  if (detectSource === undefined) return;
  if (!isStreamAddress(source)) {
    throw new ConfigError(
      `--detect-source is given, and --source ${quoted(source)} is not the address of a main stream`,
      "set --source to the main stream or snapshot address of the same camera, such as rtsp://HOST/PATH, " +
        "or remove --detect-source",
    );
  }
  if (source === detectSource) {
    throw new ConfigError(
      "--source and --detect-source are the same address",
      "remove --detect-source, or set it to the sub stream of the camera",
    );
  }
  if (once) {
    throw new ConfigError(
      "--detect-source is given with --once: only live cameras have two streams",
      "remove --once or --detect-source",
    );
  }
  if (faces === "every") {
    throw new ConfigError(
      "--detect-source is given with --faces every: a picture of the main stream is decoded for each visit, " +
        "and not for each detection",
      "set --faces best, or remove --detect-source",
    );
  }
}

/** Opens the main stream, in the background; undefined without `--detect-source`. Throws a ConfigError, see above. */
export function openMain(
  settings: TwoStreamSettings,
  { log, health, signal }: { readonly log: Log; readonly health: Health; readonly signal: AbortSignal },
): MainSource | undefined {
  checkDetectSource(settings);
  if (settings.detectSource === undefined) return undefined;
  const outage = new ComponentOutage(health.component(MAIN_STREAM), {
    down: (reason, lastedMs) =>
      log.warn(
        `the main stream is lost, faces are cut from the sub stream: ${retrying(reason)}`,
        sinceMinutes(lastedMs),
      ),
    up: () => log.info("the main stream is back"),
  });
  return openMainStream(settings.source, {
    ...sourceOptions(settings),
    onChange: (fault) => outage.changed(fault && messageOf(fault)),
    signal,
  });
}
