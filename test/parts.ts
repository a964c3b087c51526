/**
 * The real parts that tests drive and where they are on this machine: a broker, a bucket, a browser, ffmpeg, and the
 * Python that runs OpenCV and the AWS stand-in. This file finds parts; test/setup.ts installs the missing ones.
 */
import { join } from "node:path";
import { HOME_ASSISTANTS } from "./home_assistants.ts";

/** The path of each part, `undefined` where it is missing. */
export interface Parts {
  ffmpeg: string | undefined;
  mosquitto: string | undefined;
  mosquittoPub: string | undefined;
  mosquittoSub: string | undefined;
  /** An S3 server that keeps a bucket in a folder, at {@link GO_PROGRAMS}' version. */
  versitygw: string | undefined;
  /** Builds Kubernetes manifests from overlays. */
  kustomize: string | undefined;
  /** Docker Compose's own parser of compose files. */
  composeCheck: string | undefined;
  /** A folder for `PYTHONPATH` that holds {@link KUBERNETES_PACKAGES}: the API's schemas and their check. */
  kubernetesTools: string | undefined;
  /** A folder that holds Home Assistant at one of {@link HOME_ASSISTANTS}, and the link `python` to its Python. */
  homeAssistant: string | undefined;
  /** A folder that holds {@link NODE_RED_PACKAGES}: Node-RED without its editor. */
  nodeRed: string | undefined;
  chromium: string | undefined;
  /** Checks units; systemd itself need not run. */
  systemdAnalyze: string | undefined;
  /** A Python 3 that has OpenCV (`cv2`). */
  python: string | undefined;
  /** The system's Python, with GStreamer's and others' interfaces (`gi`). */
  gobjectPython: string | undefined;
  /** The file by which that Python calls GStreamer's RTSP server. */
  rtspServer: string | undefined;
  /** The folder with OpenCV's own cascade files. */
  cascades: string | undefined;
  /** A folder for `PYTHONPATH` that holds {@link PEER_PACKAGES}. */
  peerPythonPath: string | undefined;
  /** A folder that holds {@link AWS_PACKAGES}: programs in `bin`, which need it as their `PYTHONPATH`. */
  awsTools: string | undefined;
  shellcheck: string | undefined;
  /** A shell and awk as small systems have them. */
  busybox: string | undefined;
  /** Reads metrics. */
  prometheus: string | undefined;
  /** Checks metrics, rules and configurations of Prometheus. */
  promtool: string | undefined;
  /** Runs programs for 64-bit ARM on any Linux. */
  qemuArm64: string | undefined;
  /** The same with plugins, which the static one has not. */
  qemuPlugins: string | undefined;
  /** The folder with the C libraries such programs are linked with, for `QEMU_LD_PREFIX`. */
  arm64Root: string | undefined;
  /** {@link ARM64_DENO}: a Deno for 64-bit ARM. */
  arm64Deno: string | undefined;
  /** Compiles C; headers and libraries need not be there. */
  compiler: string | undefined;
}

/** How a part is called, and how it is brought. */
interface Part {
  readonly name: string;
  /** The Debian package that has it; without one, test/setup.ts brings it in its own way. */
  readonly debian?: string;
  /** What makes the program print its version. */
  readonly versionArgs?: readonly string[];
}

export const PARTS: Readonly<Record<keyof Parts, Part>> = {
  ffmpeg: { name: "ffmpeg", debian: "ffmpeg", versionArgs: ["-version"] },
  mosquitto: { name: "mosquitto", debian: "mosquitto", versionArgs: ["-h"] },
  mosquittoPub: { name: "mosquitto_pub", debian: "mosquitto-clients", versionArgs: ["--version"] },
  mosquittoSub: { name: "mosquitto_sub", debian: "mosquitto-clients", versionArgs: ["--version"] },
  versitygw: { name: "versitygw", versionArgs: ["--version"] },
  kustomize: { name: "kustomize", versionArgs: ["version"] },
  composeCheck: { name: "compose check" },
  kubernetesTools: { name: "Kubernetes tools" },
  homeAssistant: { name: "Home Assistant" },
  nodeRed: { name: "Node-RED" },
  chromium: { name: "chromium", debian: "chromium", versionArgs: ["--version"] },
  systemdAnalyze: { name: "systemd-analyze", debian: "systemd", versionArgs: ["--version"] },
  python: { name: "python with cv2", debian: "python3-opencv", versionArgs: ["--version"] },
  gobjectPython: { name: "python with gi", debian: "python3-gi", versionArgs: ["--version"] },
  rtspServer: { name: "GStreamer's RTSP server", debian: "gir1.2-gst-rtsp-server-1.0" },
  cascades: { name: "OpenCV's cascades", debian: "opencv-data" },
  peerPythonPath: { name: "python packages" },
  prometheus: { name: "prometheus", debian: "prometheus", versionArgs: ["--version"] },
  promtool: { name: "promtool", debian: "prometheus", versionArgs: ["--version"] },
  qemuArm64: { name: "qemu for arm64", debian: "qemu-user-static", versionArgs: ["--version"] },
  qemuPlugins: { name: "qemu with plugins", debian: "qemu-user", versionArgs: ["--version"] },
  arm64Root: { name: "libraries for arm64", debian: "libstdc++6-arm64-cross" },
  arm64Deno: { name: "Deno for arm64" },
  compiler: { name: "C compiler", debian: "gcc", versionArgs: ["--version"] },
  awsTools: { name: "AWS tools" },
  shellcheck: { name: "shellcheck", debian: "shellcheck", versionArgs: ["--version"] },
  busybox: { name: "busybox", debian: "busybox-static", versionArgs: ["--help"] },
};

export const PART_KEYS = Object.keys(PARTS) as (keyof Parts)[];

/** A program that is built with Go, at the one version that tests run against. */
interface GoProgram {
  readonly source: string;
  readonly version: string;
  /** The name that Go gives it. */
  readonly program: string;
}

/** Programs that are built with Go and kept in the cache. */
export const GO_PROGRAMS = {
  versitygw: {
    source: "github.com/versity/versitygw/cmd/versitygw",
    version: "v1.8.0",
    program: "versitygw",
  },
  kustomize: { source: "sigs.k8s.io/kustomize/kustomize/v5", version: "v5.8.1", program: "kustomize" },
  composeCheck: { source: "github.com/compose-spec/compose-go/v2/cmd", version: "v2.16.2", program: "cmd" },
} as const satisfies Partial<Record<keyof Parts, GoProgram>>;

export type GoKey = keyof typeof GO_PROGRAMS;
export const GO_KEYS = Object.keys(GO_PROGRAMS) as GoKey[];

/** Packages that the Python programs of the tests import, beside `cv2`. */
export const PEER_PACKAGES = ["paho-mqtt==2.2.0", "boto3==1.44.5"];

/** A stand-in for AWS, its command-line client, and a check of CloudFormation templates. */
export const AWS_PACKAGES = ["moto[server]==5.2.5", "awscli==1.46.3", "cfn-lint==1.58.0"];

/** The Deno whose instructions bench:arm counts: that of `./haarlem`. */
export const ARM64_DENO = "deno==2.9.6";

/** Checks manifests against every version of the Kubernetes API, offline. */
export const KUBERNETES_PACKAGES = ["kubernetes-validate==1.37.0"];

/** Node-RED's runtime and nodes, from npm. Its editor would be 40 MB more. */
const NODE_RED_VERSION = "5.0.7";
export const NODE_RED_PACKAGES = {
  "@node-red/nodes": NODE_RED_VERSION,
  "@node-red/runtime": NODE_RED_VERSION,
  "@node-red/util": NODE_RED_VERSION,
};

/** Finds the parts. Takes some 30 ms, most of it for the start of a Python that looks for `cv2`. */
export function findParts(): Parts {
  return {
    ffmpeg: findProgram("ffmpeg"),
    mosquitto: findProgram("mosquitto"),
    mosquittoPub: findProgram("mosquitto_pub"),
    mosquittoSub: findProgram("mosquitto_sub"),
    versitygw: executable(goProgramPath("versitygw")),
    kustomize: executable(goProgramPath("kustomize")),
    composeCheck: executable(goProgramPath("composeCheck")),
    kubernetesTools: hasPackages(kubernetesToolsPath(), KUBERNETES_PACKAGES)
      ? kubernetesToolsPath()
      : undefined,
    homeAssistant: homeAssistantPackages().length > 0 ? homeAssistantPath() : undefined,
    nodeRed: folder(nodeRedPath()),
    chromium: findProgram("chromium") ?? findProgram("chromium-browser") ?? findProgram("google-chrome"),
    systemdAnalyze: findProgram("systemd-analyze"),
    python: findPythons().find(hasOpenCv),
    gobjectPython: folder("/usr/lib/python3/dist-packages/gi") && executable("/usr/bin/python3"),
    rtspServer: file(`/usr/lib/${Deno.build.arch}-linux-gnu/girepository-1.0/GstRtspServer-1.0.typelib`),
    cascades: folder("/usr/share/opencv4/haarcascades"),
    peerPythonPath: hasPackages(peerPackagesPath(), PEER_PACKAGES) ? peerPackagesPath() : undefined,
    awsTools: hasPackages(awsToolsPath(), AWS_PACKAGES) ? awsToolsPath() : undefined,
    shellcheck: findProgram("shellcheck"),
    busybox: findProgram("busybox"),
    prometheus: findProgram("prometheus"),
    promtool: findProgram("promtool"),
    qemuArm64: findProgram("qemu-aarch64-static"),
    qemuPlugins: findProgram("qemu-aarch64"),
    arm64Root: folder("/usr/aarch64-linux-gnu"),
    arm64Deno: executable(join(arm64DenoPath(), "bin/deno")),
    compiler: findProgram("gcc"),
  };
}

/** The folder that `./haarlem` and the tests keep fetched programs in. */
export function cachePath(): string {
  const home = Deno.env.get("HOME") || join(import.meta.dirname!, "..");
  return Deno.env.get("HAARLEM_CACHE") ||
    join(Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache"), "haarlem");
}

/** Where a program built with Go belongs, whether it exists or not. */
export function goProgramPath(key: GoKey): string {
  const { version, program } = GO_PROGRAMS[key];
  return join(cachePath(), `${key}-${version}`, program);
}

/** Where {@link KUBERNETES_PACKAGES} belong, whether they exist or not. */
export function kubernetesToolsPath(): string {
  return join(cachePath(), "kubernetes-tools");
}

/** The Home Assistant that is installed, as pip names it; an empty list without one. */
export function homeAssistantPackages(): string[] {
  const pins = HOME_ASSISTANTS.map(({ version }) => `homeassistant==${version}`);
  return pins.filter((pin) => hasPackages(homeAssistantPath(), [pin]));
}

/** Where one of {@link HOME_ASSISTANTS} belongs, whether it exists or not. */
export function homeAssistantPath(): string {
  return join(cachePath(), "home-assistant");
}

/** Where {@link NODE_RED_PACKAGES} belong, whether they exist or not. */
export function nodeRedPath(): string {
  return join(cachePath(), `node-red-${NODE_RED_VERSION}`);
}

/** Where {@link ARM64_DENO} belongs, whether it exists or not. */
export function arm64DenoPath(): string {
  return join(cachePath(), ARM64_DENO.replace("==", "-arm64-"));
}

/** Where {@link PEER_PACKAGES} belong, whether they exist or not. */
export function peerPackagesPath(): string {
  return join(cachePath(), "python-peer");
}

/** Where {@link AWS_PACKAGES} belong, whether they exist or not. */
export function awsToolsPath(): string {
  return join(cachePath(), "aws-tools");
}

/** Finds a program on PATH, or in the folders of Debian's daemons and of Go's installer, which PATH may omit. */
export function findProgram(name: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder.startsWith("/"));
  const others = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/usr/local/go/bin"];
  for (const folder of [...folders, ...others]) {
    const path = executable(join(folder, name));
    if (path) return path;
  }
}

/** Every Python 3 that can be used. The system's comes first: Debian's OpenCV is built for it. */
export function findPythons(): string[] {
  const paths = [executable("/usr/bin/python3"), findProgram("python3")];
  return [...new Set(paths.filter((path) => path !== undefined))];
}

function executable(path: string): string | undefined {
  try {
    const info = Deno.statSync(path);
    return info.isFile && (info.mode ?? 0o111) & 0o111 ? path : undefined;
  } catch {
    return undefined;
  }
}

function file(path: string): string | undefined {
  try {
    return Deno.statSync(path).isFile ? path : undefined;
  } catch {
    return undefined;
  }
}

function folder(path: string): string | undefined {
  try {
    return Deno.statSync(path).isDirectory ? path : undefined;
  } catch {
    return undefined;
  }
}

function hasOpenCv(python: string): boolean {
  const question = "import importlib.util, sys; sys.exit(importlib.util.find_spec('cv2') is None)";
  return new Deno.Command(python, { args: ["-c", question], stdout: "null", stderr: "null" }).outputSync()
    .success;
}

/** The folder beside a package has its version in its name: `paho_mqtt-2.2.0.dist-info`. */
function hasPackages(folder: string, pins: string[]): boolean {
  return pins.every((pin) => {
    const [name, version] = pin.replace(/\[.*\]/, "").split("==");
    try {
      return Deno.statSync(join(folder, `${name.replaceAll("-", "_")}-${version}.dist-info`)).isDirectory;
    } catch {
      return false;
    }
  });
}
