/** Compares Kubernetes manifests with the declarations of the programs. */
import { DEFAULT_TOPIC } from "../../lib/face/topics.ts";
import { imageTargets, listeners, PROGRAMS, wrongImage, wrongVariables } from "./declarations.ts";
import { projectFile } from "../../lib/testing/files.ts";

// deno-lint-ignore no-explicit-any
export type Manifest = any;

/** The NodePort of the cloud's broker, the default of the forwarder. */
const NODE_PORT = Number(new URL(PROGRAMS.get("forwarder")!.cloud.fallback!).port);
export const BROKER_IMAGE = "eclipse-mosquitto:2.0.22";
/** DNS, S3, and the address where EC2 gives credentials. */
const FOREIGN_PORTS = [53, 443, 80];

/** The errors in the manifests of one place; none when they agree with the programs. */
export async function mistakesIn(manifests: readonly Manifest[]): Promise<string[]> {
  const place = await placeOf(manifests);
  const workloads = manifests.filter(({ kind }) => kind === "Deployment");
  return [
    ...workloads.flatMap((workload) => wrongWorkload(workload, place)),
    ...manifests.filter(({ kind }) => kind === "Service").flatMap((service) => wrongService(service, place)),
    ...manifests.filter(({ kind }) => kind === "NetworkPolicy").flatMap((policy) =>
      wrongPolicy(policy, place)
    ),
  ];
}

interface Place {
  readonly manifests: readonly Manifest[];
  readonly targets: Awaited<ReturnType<typeof imageTargets>>;
  /** Secrets and their keys, as the README describes them. */
  readonly secrets: ReadonlyMap<string, readonly string[]>;
}

async function placeOf(manifests: readonly Manifest[]): Promise<Place> {
  const readme = (await projectFile("deploy/k3s/README.md")).replaceAll("\\\n", " ");
  const made = Array.from(
    readme.matchAll(/create secret generic (\S+)(.*)$/gm),
    ([, name, options]): [string, string[]] => [
      name,
      Array.from(options.matchAll(/--from-(?:literal|file)=(?:[^\s=]*\/)?([^\s=/]+)/g), ([, key]) => key),
    ],
  );
  return { manifests, targets: await imageTargets(), secrets: new Map(made) };
}

function wrongWorkload({ metadata, spec }: Manifest, place: Place): string[] {
  const { spec: pod, metadata: { labels } } = spec.template;
  const [container] = pod.containers;
  const about = (wrong: string) => `${metadata.name}: ${wrong}`;
  const isBroker = metadata.name === "mosquitto";
  return [
    ...pod.containers.length === 1 ? [] : ["should have one container"],
    ...includes(labels, spec.selector.matchLabels) ? [] : ["does not select its own pods"],
    ...wrongSecurity(pod, container),
    ...wrongMounts(pod, container, place),
    ...(pod.initContainers ?? []).flatMap((first: Manifest) => [
      ...wrongSecurity(pod, first),
      ...first.image === BROKER_IMAGE ? [] : [`the image "${first.image}" should be ${BROKER_IMAGE}`],
    ]),
    ...isBroker ? wrongBroker(pod, container, place) : wrongProgram(container, place),
  ].map(about);
}

function wrongSecurity(pod: Manifest, container: Manifest): string[] {
  const { securityContext: mine = {}, resources = {} } = container;
  const { securityContext: all = {} } = pod;
  const rules: [boolean, string][] = [
    [all.runAsNonRoot === true && all.runAsUser > 0 && all.runAsGroup > 0, "should not run as root"],
    [all.seccompProfile?.type === "RuntimeDefault", "should have the runtime's seccomp profile"],
    [
      mine.privileged === undefined && mine.allowPrivilegeEscalation === false,
      "should have and get no privileges",
    ],
    [mine.readOnlyRootFilesystem === true, "should not write to its image"],
    [mine.capabilities?.drop?.includes("ALL") && !mine.capabilities.add, "should have no capabilities"],
    [pod.automountServiceAccountToken === false, "should not be able to talk to Kubernetes"],
    [!pod.hostNetwork && !pod.hostPID && !pod.hostIPC, "should not share anything with its machine"],
    [!pod.volumes?.some(({ hostPath }: Manifest) => hostPath), "should not see its machine's files"],
    [
      ["cpu", "memory"].every((kind) => resources.requests?.[kind] && resources.limits?.[kind]),
      "should have requests and limits",
    ],
  ];
  return rules.filter(([right]) => !right).map(([, wrong]) => wrong);
}

function wrongMounts(pod: Manifest, container: Manifest, { manifests, secrets }: Place): string[] {
  const there = (kind: string, name: string) =>
    manifests.some((it) => it.kind === kind && it.metadata.name === name);
  const mounts: string[] = [container, ...pod.initContainers ?? []].flatMap(({ volumeMounts = [] }) =>
    volumeMounts.map(({ name }: Manifest) => name)
  );
  const volumes: Manifest[] = pod.volumes ?? [];
  const ofSecret = (name: string, keys: string[]) =>
    keys.filter((key) => !secrets.get(name)?.includes(key)).map((key) =>
      `the README makes no secret "${name}" with "${key}"`
    );
  return [
    ...mounts.filter((name) => !volumes.some((volume) => volume.name === name)).map((name) =>
      `no volume "${name}"`
    ),
    ...volumes.flatMap(({ configMap, secret, persistentVolumeClaim: claim }) => [
      ...configMap && !there("ConfigMap", configMap.name) ? [`no config map "${configMap.name}"`] : [],
      ...claim && !there("PersistentVolumeClaim", claim.claimName) ? [`no claim "${claim.claimName}"`] : [],
      ...secret ? ofSecret(secret.secretName, secret.items.map(({ key }: Manifest) => key)) : [],
    ]),
    ...(container.env ?? []).flatMap(({ valueFrom }: Manifest) => {
      const ref = valueFrom?.secretKeyRef;
      return ref ? ofSecret(ref.name, [ref.key]) : [];
    }),
    ...(container.envFrom ?? []).flatMap(({ secretRef, configMapRef }: Manifest) => [
      ...secretRef && !secrets.has(secretRef.name) ? [`the README makes no secret "${secretRef.name}"`] : [],
      ...configMapRef && !there("ConfigMap", configMapRef.name)
        ? [`no config map "${configMapRef.name}"`]
        : [],
    ]),
  ];
}

function wrongBroker(pod: Manifest, container: Manifest, { manifests }: Place): string[] {
  const name = pod.volumes.find((volume: Manifest) => volume.name === "config")?.configMap.name;
  const config = manifests.find(({ metadata }) => metadata.name === name)?.data["mosquitto.conf"] ?? "";
  const [ports, declared] = [portsOf(container), listeners(config)];
  const secrets = container.volumeMounts.some(({ mountPath }: Manifest) =>
    mountPath === "/mosquitto/secrets"
  );
  return [
    ...container.image === BROKER_IMAGE ? [] : [`the image "${container.image}" should be ${BROKER_IMAGE}`],
    ...same(ports, declared) ? [] : [`the ports ${ports} should be mosquitto.conf's, ${declared}`],
    ...config.includes("persistence false") ? [] : ["should keep nothing"],
    ...config.includes("/mosquitto/secrets/") === secrets
      ? []
      : ["mosquitto.conf and the secrets do not fit"],
    ...wrongProbes(container, ({ tcpSocket }) => tcpSocket?.port === "mqtt"),
  ];
}

function wrongProgram(container: Manifest, { manifests, targets }: Place): string[] {
  const { name, image, args, env = [], envFrom = [], volumeMounts = [] } = container;
  const program = args?.[0];
  const shared: Record<string, string> = Object.assign(
    {},
    ...envFrom.map(({ configMapRef }: Manifest) =>
      manifests.find(({ metadata }) => configMapRef && metadata.name === configMapRef.name)?.data
    ),
  );
  const plain = env.filter(({ value }: Manifest) => value !== undefined);
  const own: Record<string, string> = Object.fromEntries(plain.map((it: Manifest) => [it.name, it.value]));
  const secret: string[] = env.filter(({ valueFrom }: Manifest) => valueFrom).map((it: Manifest) => it.name);
  const all = { ...shared, ...own };
  const expected = [portOf(all.HAARLEM_HEALTH), ...program === "gallery" ? [portOf(all.HAARLEM_LISTEN)] : []];
  const mounted = (path: string) =>
    volumeMounts.some((it: Manifest) => `${path}/`.startsWith(`${it.mountPath}/`));
  const files = ["HAARLEM_STATE", "HAARLEM_CLOUD_CA"].filter((key) => all[key] && !mounted(all[key]));
  const required = Object.entries(PROGRAMS.get(program) ?? {}).filter(([, { required }]) => required);
  return [
    ...name === program ? [] : [`the container "${name}" runs ${program}`],
    ...args?.length === 1 ? [] : ["should be told everything by its environment"],
    ...wrongImage(image, program, targets),
    ...wrongVariables(program, shared, { shared: true }),
    ...wrongVariables(program, own),
    ...wrongVariables(program, Object.fromEntries(secret.map((key) => [key, SAMPLES[key] ?? ""]))),
    ...required.filter(([key]) => !(`HAARLEM_${key.toUpperCase()}` in all)).map(([key]) =>
      `--${key} is missing`
    ),
    ...files.map((key) => `${key} is "${all[key]}", which is not mounted`),
    ...same(portsOf(container), expected) ? [] : [`the ports ${portsOf(container)} should be ${expected}`],
    ...["HAARLEM_TOPIC"].filter((key) => all[key] !== DEFAULT_TOPIC).map((key) =>
      `${key} is "${all[key]}", should be "${DEFAULT_TOPIC}"`
    ),
    ...["HAARLEM_BROKER", "HAARLEM_EDGE"].filter((key) => all[key]).flatMap((key) =>
      wrongAddress(key, all[key], manifests)
    ),
    ...wrongProbes(
      container,
      ({ httpGet }, probe) =>
        httpGet?.port === "health" && httpGet.path === (probe === "readinessProbe" ? "/readyz" : "/healthz"),
    ),
  ];
}

/** An example of the secret, which the setting must be able to parse. */
const SAMPLES: Readonly<Record<string, string>> = {
  HAARLEM_CLOUD: "mqtts://board1:secret@cloud.example:30003",
  HAARLEM_BROKER: "mqtt://saver:secret@mosquitto:1883",
  HAARLEM_TOKEN: "5d1c0b97a2e84f36b81d7c20e9f4a563",
};

/** A broker's address names a service and one of its ports. */
function wrongAddress(key: string, address: string, manifests: readonly Manifest[]): string[] {
  const { hostname, port } = new URL(address);
  const service = manifests.find(({ kind, metadata }) => kind === "Service" && metadata.name === hostname);
  const right = service?.spec.ports.some((it: Manifest) => it.port === Number(port || 1883));
  return right ? [] : [`${key} is "${address}", which no service is`];
}

function wrongProbes(container: Manifest, isRight: (probe: Manifest, name: string) => boolean): string[] {
  return ["startupProbe", "livenessProbe", "readinessProbe"].filter((name) =>
    !container[name] || !isRight(container[name], name)
  ).map((name) => `its ${name} queries another path`);
}

function wrongService({ metadata, spec }: Manifest, { manifests }: Place): string[] {
  const chosen = manifests.filter(({ kind, spec: { template } = {} as Manifest }) =>
    kind === "Deployment" && includes(template.metadata.labels, spec.selector)
  );
  if (chosen.length !== 1) return [`service ${metadata.name}: selects ${chosen.length} kinds of pods`];
  const ports: Manifest[] = chosen[0].spec.template.spec.containers[0].ports;
  return spec.ports.flatMap(({ port, targetPort, nodePort }: Manifest) => [
    ...ports.some(({ name, containerPort }) => name === targetPort && containerPort === port)
      ? []
      : [`no container port ${port} is named "${targetPort}"`],
    ...nodePort === undefined || nodePort === NODE_PORT
      ? []
      : [`node port ${nodePort} should be ${NODE_PORT}`],
    ...nodePort !== undefined === (spec.type === "NodePort") ? [] : ["a node port should be named"],
  ]).map((wrong: string) => `service ${metadata.name}: ${wrong}`);
}

/** A network policy names existing ports and existing pods. */
function wrongPolicy({ metadata, spec }: Manifest, { manifests }: Place): string[] {
  const pods = manifests.filter(({ kind }) => kind === "Deployment").map((it) => it.spec.template);
  const known = [
    ...pods.flatMap((pod) => portsOf(pod.spec.containers[0])),
    ...FOREIGN_PORTS,
    ...metadata.name === "forwarder" ? [NODE_PORT, 8883] : [],
  ];
  const rules: Manifest[] = [...spec.ingress ?? [], ...spec.egress ?? []];
  const ports = rules.flatMap(({ ports = [] }) => ports.map(({ port }: Manifest) => port));
  const peers = rules.flatMap(({ from = [], to = [] }) => [...from, ...to]);
  const selectors = [spec, ...peers.filter(({ namespaceSelector }) => !namespaceSelector)]
    .map(({ podSelector }) => podSelector?.matchLabels).filter((labels) => labels !== undefined);
  return [
    ...ports.filter((port) => !known.includes(port)).map((port) => `no service has port ${port}`),
    ...selectors.filter((labels) => !pods.some((pod) => includes(pod.metadata.labels, labels))).map((
      labels,
    ) => `no pod is ${JSON.stringify(labels)}`),
  ].map((wrong) => `policy ${metadata.name}: ${wrong}`);
}

function portsOf({ ports = [] }: Manifest): number[] {
  return ports.map(({ containerPort }: Manifest) => containerPort);
}

function portOf(address: string | undefined): number {
  return Number(address?.split(":").at(-1));
}

function includes(labels: Record<string, string>, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}

function same(some: readonly number[], others: readonly number[]): boolean {
  return [...some].sort().join() === [...others].sort().join();
}
