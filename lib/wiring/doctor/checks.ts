/** Which checks belong to which program. */
import { stateFolder } from "../outbox.ts";
import { brokerChecks } from "./broker.ts";
import { pageCertificateChecks } from "./certificates.ts";
import { cameraCheck, FFMPEG_CHECK, mainStreamCheck, needsFfmpeg, searchCheck } from "./camera.ts";
import type { Check } from "./finding.ts";
import { CLOCK_CHECK, diskCheck, POWER_CHECK, VERSION_CHECK } from "./machine.ts";
import type { Checked, CheckedSettings } from "./settings.ts";
import { storeCheck } from "./store.ts";

const MIB = 2 ** 20;

/** The checks of the machine, then those of each program. With several programs, names say whose they are. */
export function checksOf(programs: ReadonlyMap<Checked, CheckedSettings>): Check[] {
  const own = Array.from(programs, ([program, settings]) => {
    const checks = programChecks(program, settings);
    return programs.size === 1 ? checks : checks.map((check) => ofProgram(program, check));
  });
  return [VERSION_CHECK, CLOCK_CHECK, POWER_CHECK, ...own.flat()];
}

function programChecks(program: Checked, settings: CheckedSettings): Check[] {
  return [
    ...program === "detector" ? detectorChecks(settings) : [],
    ...brokerChecks(program, settings),
    ...(program === "saver" || program === "gallery") && settings.store !== undefined
      ? [storeCheck(program, settings)]
      : [],
    ...program === "saver" && settings.store !== undefined && !settings.store.startsWith("s3:")
      ? [diskCheck(settings.store, "--store", 0)]
      : [],
    ...pageCertificateChecks(program, settings),
  ];
}

function detectorChecks(settings: CheckedSettings): Check[] {
  const { source, detectSource, out, outboxSize } = settings;
  return [
    ...needsFfmpeg(detectSource ?? source) ? [FFMPEG_CHECK] : [],
    cameraCheck(settings),
    ...detectSource === undefined ? [] : [mainStreamCheck(settings)],
    searchCheck(settings),
    out === undefined
      ? diskCheck(stateFolder(settings), "--state", outboxSize * MIB)
      : diskCheck(out, "--out", 0),
  ];
}

function ofProgram(program: Checked, check: Check): Check {
  const named = (name: string) => `${program} ${name}`;
  return {
    ...check,
    name: named(check.name),
    async *run(options) {
      for await (const finding of check.run(options)) yield { ...finding, name: named(finding.name) };
    },
  };
}
