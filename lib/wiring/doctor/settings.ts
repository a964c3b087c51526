/** The settings of `doctor`: those of the programs that it checks, and which of these programs are meant. */
import { COMMON_SETTINGS } from "../../program/program.ts";
import { KNOWN_NAMES } from "../../program/known_names.ts";
import {
  choice,
  flag,
  flagName,
  grouped,
  onOff,
  type Setting,
  type Settings,
  text,
  type Values,
} from "../../settings/declare.ts";
import {
  brokerAddress,
  BUS_SETTINGS,
  certificateAuthority,
  optionalBrokerAddress,
  wrongName,
} from "../bus.ts";
import { SOURCE_SETTINGS } from "../camera.ts";
import { DETECTION_SETTINGS } from "../detection.ts";
import { SINK_SETTINGS } from "../open_face_sink.ts";
import { PREVIEW_SETTINGS } from "../preview_settings.ts";
import { STORE_SETTINGS } from "../store.ts";

/** The programs whose settings can be checked. */
export const CHECKED = ["detector", "logger", "forwarder", "saver", "gallery", "notifier"] as const;
export type Checked = typeof CHECKED[number];

const TRIAL = {
  tryTopics: onOff({
    help: "test the right to publish faces and receipts, by an empty message on each topic",
    details: "The programs ignore the empty messages. off: doctor publishes only on a topic of its own.",
    fallback: "off",
  }),
};

/** What the programs read that is checked. A setting of several programs has one meaning here as well. */
const SHARED = {
  ...grouped("doctor", TRIAL),
  ...SOURCE_SETTINGS,
  ...grouped("camera", {
    camera: text({
      help: "name of the camera in topics and object keys",
      placeholder: "NAME",
      fallback: "camera",
      check: wrongName,
    }),
  }),
  ...DETECTION_SETTINGS,
  preview: PREVIEW_SETTINGS.preview,
  previewTlsCert: PREVIEW_SETTINGS.previewTlsCert,
  previewTlsKey: PREVIEW_SETTINGS.previewTlsKey,
  broker: brokerAddress({ help: "address of the program's broker", fallback: "mqtt://127.0.0.1:1883" }),
  brokerCa: certificateAuthority("broker"),
  edge: brokerAddress({ help: "address of the board's broker", fallback: "mqtt://127.0.0.1:1883" }),
  edgeCa: certificateAuthority("edge"),
  cloud: brokerAddress({ help: "address of the cloud's broker", fallback: "mqtt://127.0.0.1:30003" }),
  cloudCa: certificateAuthority("cloud"),
  ...BUS_SETTINGS,
  ...grouped("delivery", {
    receipts: SINK_SETTINGS.receipts,
    state: SINK_SETTINGS.state,
    out: SINK_SETTINGS.out,
    outboxSize: SINK_SETTINGS.outboxSize,
    group: text({
      help: "name of a group of savers that share the faces",
      placeholder: "NAME",
      check: wrongName,
    }),
  }),
  ...STORE_SETTINGS,
  store: { ...STORE_SETTINGS.store, required: false } as Setting<string | undefined>,
};

/** A gallery has a broker only where one is given. */
const OPTIONAL_BROKER = optionalBrokerAddress({ help: "address of the program's broker" });

/** What a program is checked with. */
export type CheckedSettings = Omit<Values<typeof SHARED>, "broker"> & { readonly broker?: string };

/** The settings of `doctor`. */
export const DOCTOR_SETTINGS = {
  ...grouped("doctor", {
    program: choice(CHECKED, {
      help: "program to check; without it, each program with settings, or else detector",
    }),
    service: text({
      help: "check the settings of a systemd service, such as detector-front or saver",
      details: "Reads common.env and SERVICE.env in /etc/haarlem, which usually needs sudo.",
      placeholder: "SERVICE",
      check: wrongName,
    }),
    json: flag({ help: "print one JSON document" }),
  }),
  ...SHARED,
};

/** The settings that only make sense for one program: where one of them is given, the program is checked. */
const DEFINING: Readonly<Record<Checked, readonly (keyof typeof SHARED)[]>> = {
  detector: ["source", "camera", "out", "state", "engine", "cascade"],
  logger: [],
  forwarder: ["cloud", "cloudCa", "edge", "edgeCa"],
  saver: ["store"],
  gallery: [],
  notifier: [],
};

/** Reads settings as a program reads them. */
export type ReadAs = <S extends Settings>(program: string, settings: S) => Values<S>;

/** The programs to check, with their settings. Throws one ConfigError that names every mistake in them. */
export function programsToCheck(
  chosen: Checked | undefined,
  readAs: ReadAs,
): Map<Checked, CheckedSettings> {
  const isMeant = (program: Checked) => {
    const given = readAs(program, withOthers(withoutDefaults(SHARED))) as Record<string, unknown>;
    return DEFINING[program].some((name) => given[name] !== undefined);
  };
  const meant = chosen === undefined ? CHECKED.filter(isMeant) : [chosen];
  const programs = meant.length > 0 ? meant : ["detector" as const];
  return new Map(
    programs.map((program) => {
      const settings = program === "gallery" ? { ...SHARED, broker: OPTIONAL_BROKER } : SHARED;
      return [program, readAs(program, withOthers(settings)) as CheckedSettings];
    }),
  );
}

/** The same settings; a value that is not given is undefined. */
function withoutDefaults(settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => [name, { ...setting, fallback: undefined }]),
  );
}

/**
 * The settings; those of doctor, which its flags hold; and those of all programs that are not checked, which a program's
 * own section and variables may hold.
 */
function withOthers(settings: Settings): Settings {
  const known: Settings = { ...DOCTOR_SETTINGS, ...COMMON_SETTINGS, ...settings };
  const taken = Object.keys(known).map(flagName);
  const any: Setting<string> = { help: "", placeholder: "TEXT", parse: (given) => given };
  const others = Object.keys(KNOWN_NAMES.settings).filter((name) => !taken.includes(name))
    .map((name) => [name.replace(/-(.)/g, (_, letter) => letter.toUpperCase()), any]);
  return { ...Object.fromEntries(others), ...known };
}
