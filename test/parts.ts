/**
 * Where the real parts that tests drive are on this machine: a broker, a bucket, a browser, ffmpeg, and the Python
 * that runs the peers Haarlem must agree with. Only looks; `test/setup.ts` brings what is missing.
 */
import { join } from "node:path";

/** The path of each part, `undefined` where it is missing. */
export interface Parts {
  ffmpeg: string | undefined;
  mosquitto: string | undefined;
  mosquittoPub: string | undefined;
  mosquittoSub: string | undefined;
  /** An S3 server that keeps a bucket in a folder, at {@link GO_PROGRAMS}' version. */
  versitygw: string | undefined;
  /** Puts Kubernetes manifests together. */
  kustomize: string | undefined;
  /** Reads compose files as Docker Compose does, whose own parser it is. */
  composeCheck: string | undefined;
  /** A folder for `PYTHONPATH` that holds {@link KUBERNETES_PACKAGES}: the API's schemas and their check. */
  kubernetesTools: string | undefined;
  chromium: string | undefined;
  /** What checks units; systemd itself need not run. */
  systemdAnalyze: string | undefined;
  /** A Python 3 that has OpenCV (`cv2`). */
  python: string | undefined;
  /** OpenCV's own cascade files, where the peers' programs look for them. */
  cascades: string | undefined;
  /** A folder for `PYTHONPATH` that holds {@link PEER_PACKAGES}. */
  peerPythonPath: string | undefined;
  /** A folder that holds {@link AWS_PACKAGES}: programs in `bin`, which want it as their `PYTHONPATH`. */
  awsTools: string | undefined;
  shellcheck: string | undefined;
  /** A shell and awk as small systems have them. */
  busybox: string | undefined;
  /** Runs programs for 64-bit ARM on any Linux. */
  qemuArm64: string | undefined;
  /** The folder with the C libraries such programs are linked with, for `QEMU_LD_PREFIX`. */
  arm64Root: string | undefined;
}

/** A program that is built with Go, at the one version that tests run against. */
export interface GoProgram {
  readonly source: string;
  readonly version: string;
  /** The name that Go gives it. */
  readonly program: string;
}

/** What is built with Go and kept in the cache. */
export const GO_PROGRAMS = {
  versitygw: {
    source: "github.com/versity/versitygw/cmd/versitygw",
    version: "v1.8.0",
    program: "versitygw",
  },
  kustomize: { source: "sigs.k8s.io/kustomize/kustomize/v5", version: "v5.8.1", program: "kustomize" },
  composeCheck: { source: "github.com/compose-spec/compose-go/v2/cmd", version: "v2.16.2", program: "cmd" },
} as const satisfies Partial<Record<keyof Parts, GoProgram>>;

/** What peers written in Python import, beside `cv2`. */
export const PEER_PACKAGES = ["paho-mqtt==2.2.0", "boto3==1.44.5"];

/** What stands in for AWS in tests, the client that talks to it, and the check of CloudFormation templates. */
export const AWS_PACKAGES = ["moto[server]==5.2.5", "awscli==1.46.3", "cfn-lint==1.58.0"];

/** What checks manifests against every version of the Kubernetes API, offline. */
export const KUBERNETES_PACKAGES = ["kubernetes-validate==1.37.0"];

/** Finds the parts. Takes some 30 ms, most of it to ask a Python whether it has `cv2`. */
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
    chromium: findProgram("chromium") ?? findProgram("chromium-browser") ?? findProgram("google-chrome"),
    systemdAnalyze: findProgram("systemd-analyze"),
    python: findPythons().find(hasOpenCv),
    cascades: folder("/usr/share/opencv4/haarcascades"),
    peerPythonPath: hasPackages(peerPackagesPath(), PEER_PACKAGES) ? peerPackagesPath() : undefined,
    awsTools: hasPackages(awsToolsPath(), AWS_PACKAGES) ? awsToolsPath() : undefined,
    shellcheck: findProgram("shellcheck"),
    busybox: findProgram("busybox"),
    qemuArm64: findProgram("qemu-aarch64-static"),
    arm64Root: folder("/usr/aarch64-linux-gnu"),
  };
}

/** The folder that `./haarlem` and the tests keep fetched programs in. */
export function cachePath(): string {
  const home = Deno.env.get("HOME") || join(import.meta.dirname!, "..");
  return Deno.env.get("HAARLEM_CACHE") ||
    join(Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache"), "haarlem");
}

/** Where a program built with Go belongs, there or not. */
export function goProgramPath(key: keyof typeof GO_PROGRAMS): string {
  const { version, program } = GO_PROGRAMS[key];
  return join(cachePath(), `${key}-${version}`, program);
}

/** Where {@link KUBERNETES_PACKAGES} belong, there or not. */
export function kubernetesToolsPath(): string {
  return join(cachePath(), "kubernetes-tools");
}

/** Where {@link PEER_PACKAGES} belong, there or not. */
export function peerPackagesPath(): string {
  return join(cachePath(), "python-peer");
}

/** Where {@link AWS_PACKAGES} belong, there or not. */
export function awsToolsPath(): string {
  return join(cachePath(), "aws-tools");
}

/** Finds a program on PATH, or where Debian keeps daemons and Go's installer keeps Go, which PATH may leave out. */
export function findProgram(name: string): string | undefined {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder.startsWith("/"));
  const others = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/usr/local/go/bin"];
  for (const folder of [...folders, ...others]) {
    const path = executable(join(folder, name));
    if (path) return path;
  }
}

/** Every Python 3 that may serve. The system's comes first: it is the one that Debian's OpenCV is for. */
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

/** A package says its version by the name of a folder beside it: `paho_mqtt-2.2.0.dist-info`. */
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
