/** The manifests and compose files of deploy/metrics agree with those of the programs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { output } from "../../lib/testing/command.ts";
import { inProject, projectFile } from "../../lib/testing/files.ts";
import { SERVICES } from "../../lib/program/programs.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { compose, type Service } from "./compose.ts";
import { answer, build, manifestsOf, validate, VERSIONS } from "./kustomize.ts";
import type { Manifest } from "./manifest_check.ts";

const PLACES = ["edge", "cloud", "notifier"];
const NEEDED = needs("kustomize", "kubernetesTools");
const FOLDER = inProject("deploy/metrics");

/** The Deployments of Haarlem's programs. */
function programsIn(manifests: readonly Manifest[]): Manifest[] {
  return manifests.filter(({ kind, metadata }) => kind === "Deployment" && metadata.name !== "mosquitto");
}

/** The container port with the name `health`. */
function healthPort(deployment: Manifest): number {
  const [{ ports }] = deployment.spec.template.spec.containers;
  return ports.find(({ name }: Manifest) => name === "health").containerPort;
}

for (const place of PLACES) {
  Deno.test(
    `${place}: the manifests with metrics are valid, and add annotations and a policy`,
    NEEDED,
    async () => {
      const folder = `../metrics/k3s/${place}`;
      const text = await build(folder);
      for (const version of VERSIONS) {
        const { code, said } = await validate(text, version);
        assert.equal(code, 0, `${version}: ${said}`);
      }
      const manifests = await manifestsOf(folder);
      for (const deployment of programsIn(manifests)) {
        const { metadata } = deployment.spec.template;
        assert.deepEqual(metadata.annotations, {
          "prometheus.io/scrape": "true",
          "prometheus.io/port": String(healthPort(deployment)),
          "prometheus.io/path": "/metrics",
        });
        delete metadata.annotations;
      }
      const isPolicy = ({ kind, metadata }: Manifest) =>
        kind === "NetworkPolicy" && metadata.name === "metrics";
      const policy = manifests.find(isPolicy);
      assert.deepEqual(policy.spec.ingress[0].ports, [{ protocol: "TCP", port: 9100 }]);
      assert.deepEqual(manifests.filter((one) => !isPolicy(one)), await manifestsOf(place));
    },
  );
}

Deno.test("the PodMonitor selects each program, and names its port", NEEDED, async () => {
  const program = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))";
  const python = join(findParts().kubernetesTools!, "python");
  const text = await answer(python, ["-c", program, join(FOLDER, "k3s/podmonitor.yaml")]);
  const { metadata, spec } = JSON.parse(text);
  const [endpoint] = spec.podMetricsEndpoints;
  assert.deepEqual([endpoint.port, endpoint.path, metadata.namespace], ["health", "/metrics", "haarlem"]);
  const selected = new Set<string>();
  for (const place of PLACES) {
    for (const deployment of (await manifestsOf(place)).filter(({ kind }) => kind === "Deployment")) {
      const { labels } = deployment.spec.template.metadata;
      const matches = spec.selector.matchExpressions.every(({ key, operator, values }: Manifest) =>
        values.includes(labels[key]) === (operator === "In")
      );
      if (matches) selected.add(deployment.metadata.name);
    }
  }
  assert.deepEqual([...selected].sort(), SERVICES.map(({ name }) => name as string).sort());
});

Deno.test(
  "Prometheus and Grafana beside the containers: read-only, on loopback, their files exist",
  needs("composeCheck"),
  async () => {
    const values: Record<string, string> = {
      GRAFANA_PASSWORD: "x",
      HAARLEM_NETWORK: "haarlem-cloud_default",
    };
    const text = (await projectFile("deploy/metrics/compose.yaml"))
      .replaceAll(/\$\{(\w+):\?[^}]*\}/g, (_, name) => values[name]);
    const file = await Deno.makeTempFile({ suffix: ".yaml" });
    await Deno.writeTextFile(file, text);
    const { stdout, stderr } = await output(findParts().composeCheck!, [
      "-format",
      "json",
      "-no-path-resolution",
      file,
    ]);
    await Deno.remove(file);
    assert.ok(stdout.startsWith("{"), stderr);
    const { services, networks } = JSON.parse(stdout);
    assert.deepEqual(networks.haarlem, { name: values.HAARLEM_NETWORK, external: true });
    for (const [name, service] of Object.entries<Service>(services)) {
      assert.deepEqual([service.read_only, service.cap_drop], [true, ["ALL"]], name);
      assert.deepEqual(service.ports!.map(({ host_ip }) => host_ip), ["127.0.0.1"], name);
      for (const { source, target } of service.volumes!.filter(({ source }) => source.startsWith("./"))) {
        await projectFile(join("deploy/metrics", source));
        assert.match(target, /^\/etc\//);
      }
    }
  },
);

Deno.test(
  "each container's program can be read in its network, by the name that Prometheus uses",
  needs("composeCheck"),
  async () => {
    const [, names] = /names: \[(.*)\]/.exec(await projectFile("deploy/metrics/prometheus-containers.yaml"))!;
    assert.deepEqual(names.split(", ").sort(), SERVICES.map(({ name }) => name as string).sort());
    for (const place of ["edge", "cloud", "home"]) {
      const { name: project, services } = JSON.parse(await compose(place));
      assert.equal(project, `haarlem-${place}`);
      for (const [name, { environment }] of Object.entries<Service>(services)) {
        if (!names.includes(name)) continue;
        assert.equal(environment!.HAARLEM_HEALTH, "127.0.0.1:9100", `${place} ${name}`);
      }
      const text = await projectFile(`deploy/containers/${place}/compose.yaml`);
      const programs = text.match(/^ {4}command: /gm)!.length;
      assert.equal(text.match(/HAARLEM_HEALTH: \$\{HAARLEM_HEALTH:-127\.0\.0\.1:9100\}/g)?.length, programs);
    }
  },
);
