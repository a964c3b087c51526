/** The manifests for k3s and Kubernetes are valid for several versions, and agree with the programs. */
import assert from "node:assert/strict";
import {
  DEFAULT_TOPIC,
  loopTopic,
  nameTopic,
  receiptTopic,
  recognitionTopic,
  stateTopic,
  statusTopic,
} from "../../lib/face/topics.ts";
import { Health } from "../../lib/health/health.ts";
import { serveHealth } from "../../lib/health/http_server.ts";
import { needs } from "../needs.ts";
import { projectFile } from "../../lib/testing/files.ts";
import { VERSION } from "./declarations.ts";
import { answer, build, manifestsOf, validate, VERSIONS } from "./kustomize.ts";
import { type Manifest, mistakesIn } from "./manifest_check.ts";

const PLACES = ["edge", "cloud", "notifier", "homework"];
const NEEDED = needs("kustomize", "kubernetesTools");

for (const place of [...PLACES, "device-plugin"]) {
  Deno.test(`${place}: every manifest is valid for Kubernetes ${VERSIONS.join(", ")}`, NEEDED, async () => {
    const text = await build(place);
    for (const version of VERSIONS) {
      const { code, said } = await validate(text, version);
      assert.equal(code, 0, `${version}: ${said}`);
    }
  });
}

Deno.test("the check finds an unknown key in a manifest", NEEDED, async () => {
  const text = await build("edge");
  for (
    const [right, wrong] of [["replicas: 1", "replicas: one"], ["readOnlyRootFilesystem", "readonlyRoot"]]
  ) {
    assert.notEqual((await validate(text.replace(right, wrong), VERSIONS[0])).code, 0, wrong);
  }
});

for (const place of PLACES) {
  Deno.test(
    `${place}: images, settings, ports, topics and secrets are the programs' own`,
    NEEDED,
    async () => {
      assert.deepEqual(await mistakesIn(await manifestsOf(place)), []);
    },
  );
}

/** One wrong value of each kind: the place, the value, the wrong one, and the message. */
const SLIPS: [place: string, find: string, put: string, says: RegExp][] = [
  [
    "edge",
    `haarlem-board:${VERSION}`,
    `haarlem-broad:${VERSION}`,
    /no target of the Dockerfile is the image/,
  ],
  ["edge", `haarlem-board:${VERSION}`, "haarlem-board:0.0.9", /should be of version/],
  ["edge", `haarlem-board:${VERSION}`, `haarlem-cloud:${VERSION}`, /has no ffmpeg/],
  [
    "edge",
    "eclipse-mosquitto:2.0.22",
    "eclipse-mosquitto:latest",
    /the image "eclipse-mosquitto:latest" should be/,
  ],
  ["edge", '"HAARLEM_CAMERA"', '"HAARLEM_CAMERAS"', /detector has no setting HAARLEM_CAMERAS/],
  ["edge", '"HAARLEM_DEVICE"', '"HAARLEM_DEVISE"', /has no setting HAARLEM_DEVISE/],
  ["edge", '"front"', '"front door"', /HAARLEM_CAMERA is "front door": should be/],
  ["edge", '"face_detection"', '"faces"', /HAARLEM_TOPIC is "faces", should be "face_detection"/],
  ["edge", "mqtt://mosquitto:1883", "mqtt://mosquito:1883", /which no service is/],
  ["edge", "mqtt://mosquitto:1883", "mqtt://mosquitto:1884", /which no service is/],
  ["edge", "0.0.0.0:9100", "0.0.0.0:9200", /the ports 9100 should be 9200/],
  ["edge", "listener 1883", "listener 1884", /should be mosquitto.conf's/],
  [
    "cloud",
    '"image":"eclipse-mosquitto:2.0.22","name":"secrets"',
    '"image":"busybox","name":"secrets"',
    /"busybox" should be/,
  ],
  [
    "cloud",
    '{"mountPath":"/mosquitto/secret","name":"secret"',
    '{"mountPath":"/mosquitto/secret","name":"secretly"',
    /no volume "secretly"/,
  ],
  ["edge", "persistence false", "persistence true", /should keep nothing/],
  ["edge", "/readyz", "/ready", /readinessProbe queries another path/],
  ["edge", '"runAsNonRoot":true', '"runAsNonRoot":false', /should not run as root/],
  ["edge", '"allowPrivilegeEscalation":false', '"privileged":true', /should have and get no privileges/],
  ["edge", '"key":"address"', '"key":"adress"', /makes no secret "cloud" with "adress"/],
  ["edge", '"secretName":"cloud"', '"secretName":"clout"', /makes no secret "clout"/],
  ["edge", '"claimName":"detector-front"', '"claimName":"detector-back"', /no claim "detector-back"/],
  ["edge", '"value":"/state"', '"value":"/stat"', /HAARLEM_STATE is "\/stat", which is not mounted/],
  ["edge", '"port":30003', '"port":30004', /no service has port 30004/],
  ["edge", '"haarlem/uses-broker":"yes"}}}],', '"haarlem/uses":"yes"}}}],', /no pod is/],
  ["cloud", '"nodePort":30003', '"nodePort":30004', /node port 30004 should be 30003/],
  ["cloud", '"targetPort":"mqtts"', '"targetPort":"mqtt"', /no container port 8883 is named "mqtt"/],
  ["cloud", '"HAARLEM_STORE"', '"HAARLEM_STORES"', /--store is missing/],
  ["cloud", '"0.0.0.0:8080"', '"0.0.0.0:8081"', /should be 9100,8081/],
  ["cloud", '"name":"HAARLEM_TOKEN"', '"name":"HAARLEM_TOKENS"', /gallery has no setting HAARLEM_TOKENS/],
  ["cloud", '"args":["saver"]', '"args":["safer"]', /no program "safer"/],
  ["cloud", '"selector":{"app.kubernetes.io/name":"mosquitto"}', '"selector":{}', /selects 3 kinds of pods/],
];

Deno.test("the check names one wrong value of any kind", NEEDED, async () => {
  const texts = new Map<string, string>();
  for (const place of ["edge", "cloud"]) texts.set(place, JSON.stringify(await manifestsOf(place)));
  for (const [place, find, put, says] of SLIPS) {
    const text = texts.get(place)!;
    assert.ok(text.includes(find), `${find} in ${place}`);
    const mistakes = await mistakesIn(JSON.parse(text.replaceAll(find, put)));
    assert.match(mistakes.join("\n"), says, `${find} -> ${put}`);
  }
});

Deno.test("the programs answer the paths that probes query", async () => {
  const health = new Health();
  const server = serveHealth({ host: "127.0.0.1", port: 0 }, "saver", health);
  for (const path of ["healthz", "readyz"]) {
    const answer = await fetch(`${server.url}${path}`);
    assert.notEqual(answer.status, 404, path);
    await answer.body?.cancel();
  }
  await server.close();
});

Deno.test("the brokers' settings equal those of a machine without containers, except for the listeners", async () => {
  const rules = (text: string) =>
    text.split("\n").filter((line) => /^\w/.test(line) && !/^(listener|\w*file) /.test(line)).sort();
  for (const place of ["edge", "cloud"]) {
    const [inside, outside] = await Promise.all([
      projectFile(`deploy/k3s/${place}/mosquitto.conf`),
      projectFile(`deploy/mosquitto/${place}.conf`),
    ]);
    assert.deepEqual(rules(inside), rules(outside), place);
  }
});

Deno.test(
  "the cloud's broker gets its own copy of the secrets, readable for its user only",
  NEEDED,
  async () => {
    const broker =
      (await manifestsOf("cloud")).find(({ kind, metadata }) =>
        kind === "Deployment" && metadata.name === "mosquitto"
      ).spec.template.spec;
    const [{ command: [, , script] }] = broker.initContainers;
    const folder = await Deno.makeTempDir();
    for (const name of ["secret", "secrets"]) {
      await Deno.mkdir(`${folder}/${name}`);
    }
    const items = broker.volumes.find(({ secret }: Manifest) => secret).secret.items;
    for (const { path } of items) {
      // Kubernetes makes a link to a file that others can read.
      await Deno.writeTextFile(`${folder}/${path}`, path, { mode: 0o440 });
      await Deno.symlink(`../${path}`, `${folder}/secret/${path}`);
    }
    await answer("sh", ["-c", script.replaceAll("/mosquitto/", `${folder}/`)]);
    const config = await projectFile("deploy/k3s/cloud/mosquitto.conf");
    for (const [, name] of config.matchAll(/ \/mosquitto\/secrets\/(\S+)$/gm)) {
      const { isFile, mode } = await Deno.lstat(`${folder}/secrets/${name}`);
      assert.deepEqual([isFile, mode! & 0o077], [true, 0], name);
    }
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("the broker's access list names the topics that the programs use", async () => {
  const acl = await projectFile("deploy/mosquitto/cloud.acl");
  const named = Array.from(acl.matchAll(/^(?:topic|pattern) \w+ (\S+)$/gm), ([, topic]) => topic);
  assert.deepEqual(
    [...new Set(named)].sort(),
    [
      DEFAULT_TOPIC,
      receiptTopic(DEFAULT_TOPIC),
      `${loopTopic("+")}/+`,
      statusTopic("+", "+"),
      stateTopic("+", "+"),
      nameTopic("+", "+"),
      recognitionTopic("+", "+", "+"),
    ].sort(),
  );
});

Deno.test(
  "the device plugin offers the camera that the detector requests, and is not privileged",
  NEEDED,
  async () => {
    const [plugin] = await manifestsOf("device-plugin");
    const { containers: [container], ...pod } = plugin.spec.template.spec;
    const offered = container.args.at(-1) as string;
    const detector =
      (await manifestsOf("edge")).find(({ kind, metadata }) =>
        kind === "Deployment" && metadata.name === "detector"
      ).spec.template.spec.containers[0];
    const source = detector.env.find(({ name }: Manifest) => name === "HAARLEM_SOURCE").value;
    assert.match(offered, new RegExp(`- path: ${source}$`, "m"));
    assert.equal(detector.resources.limits[`squat.ai/${/^name: (\w+)$/m.exec(offered)![1]}`], "1");
    assert.equal(container.securityContext.privileged, undefined);
    assert.deepEqual(container.securityContext.capabilities, { drop: ["ALL"] });
    assert.equal(pod.hostNetwork ?? pod.hostPID, undefined);
  },
);
