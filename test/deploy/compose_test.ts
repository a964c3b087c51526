/** The Dockerfile and the compose files agree with the programs and with one another. */
import assert from "node:assert/strict";
import { projectFile } from "../../lib/testing/files.ts";
import { needs } from "../needs.ts";
import { compose, FOLDER, type Service, USER } from "./compose.ts";
import { imageTargets, listeners, PROGRAMS, wrongImage, wrongVariables } from "./declarations.ts";
import { BROKER_IMAGE } from "./manifest_check.ts";

Deno.test("the Dockerfile compiles with the Deno of ./haarlem, and its health check queries the health port", async () => {
  const text = await projectFile("Dockerfile");
  const pinned = /^pinned=(\S+)/m.exec(await projectFile("haarlem"))![1];
  assert.equal(/^ARG DENO_VERSION=(.+)$/m.exec(text)![1], pinned);
  const address = /HAARLEM_HEALTH=(\S+)/.exec(text)![1];
  assert.match(text, new RegExp(`"--probe", "http://${address}/healthz"\\]`));
  assert.deepEqual([...await imageTargets()], [["cloud", { ffmpeg: false }], ["board", { ffmpeg: true }]]);
  const variables = Object.fromEntries(
    text.matchAll(/\b(HAARLEM_(?:STATE|HEALTH))=(\S+)/g).map(([, key, value]) => [key, value]),
  );
  for (const program of PROGRAMS.keys()) {
    assert.deepEqual(wrongVariables(program, variables, { shared: true }), []);
  }
});

/** Where lib/clock/system_sources.ts looks for the mark of systemd-timesyncd. */
const TIMESYNC = "/run/systemd/timesync";
const PLACES = ["edge", "cloud", "home"] as const;
/** The broker configuration that each place mounts. */
const BROKER_OF = { edge: "edge", cloud: "cloud", home: "edge" } as const;

for (const place of PLACES) {
  Deno.test(
    `Compose's own parser reads ${place}/compose.yaml, and it agrees with the programs`,
    needs("composeCheck"),
    async () => {
      const { services } = JSON.parse(await compose(place, withProfiles));
      const targets = await imageTargets();
      const file = `k3s/${BROKER_OF[place]}/mosquitto.conf`;
      const config = await projectFile(`deploy/${file}`);
      for (const [name, service] of Object.entries<Service>(services)) {
        assert.deepEqual(
          [service.read_only, service.cap_drop, service.security_opt, service.privileged],
          [true, ["ALL"], ["no-new-privileges:true"], undefined],
          name,
        );
        assert.ok(service.logging?.options["max-size"], name);
        if (name === "folder") {
          assert.deepEqual([service.image, service.restart], [BROKER_IMAGE, "no"]);
          continue;
        }
        assert.equal(service.restart, "unless-stopped", name);
        assert.deepEqual([service.cap_add, service.network_mode], [undefined, undefined], name);
        assert.equal(service.healthcheck?.test[0], "CMD", name);
        if (name === "mosquitto") {
          assert.equal(service.image, BROKER_IMAGE);
          assert.ok(service.volumes!.some(({ source }) => source === `../../${file}`));
          for (const { target } of service.ports!) assert.ok(listeners(config).includes(target), `${target}`);
          continue;
        }
        const environment = service.environment!;
        assert.deepEqual(service.command, [name]);
        assert.deepEqual(wrongImage(service.image, name, targets), []);
        assert.equal(service.build!.target, /haarlem-(\w+)/.exec(service.image)![1]);
        assert.deepEqual(wrongVariables(name, withoutEmpty(environment)), []);
        for (const key of ["HAARLEM_BROKER", "HAARLEM_EDGE"].filter((key) => environment[key])) {
          const { hostname, port } = new URL(environment[key]);
          assert.ok(hostname in services && listeners(config).includes(Number(port)), environment[key]);
        }
      }
    },
  );
}

Deno.test(
  "keep-days.yaml gives the saver the setting and the mark of the host's clock",
  needs("composeCheck"),
  async () => {
    for (const place of ["cloud", "home"]) {
      const before: Service = JSON.parse(await compose(place)).services.saver;
      const { environment, volumes, ...rest } =
        JSON.parse(await compose(place, undefined, "keep-days.yaml")).services.saver;
      const { environment: variables, volumes: others, ...same } = before;
      // The parser writes merged variables as a list: NAME=VALUE, or NAME alone.
      const pairs = (environment as string[]).map((one) => one.split(/=(.*)/s).slice(0, 2));
      const added = pairs.filter(([name]) => !Object.hasOwn(variables!, name));
      assert.deepEqual(added, [["HAARLEM_KEEP_DAYS", "30"]]);
      assert.deepEqual(wrongVariables("saver", Object.fromEntries(added)), []);
      assert.deepEqual(rest, same);
      const mounts = (volumes as Service["volumes"])!.filter(({ target }) =>
        !others!.some((one) => one.target === target)
      );
      assert.deepEqual(mounts.map(({ source, target, read_only }) => [source, target, read_only]), [
        [TIMESYNC, TIMESYNC, true],
      ]);
    }
  },
);

Deno.test("a port without TLS is published on loopback only", needs("composeCheck"), async () => {
  const published = {
    edge: [],
    cloud: ["8883:8883", "30003:8883"],
    // The gallery at home serves the home network; its token protects it.
    home: ["8080:8080"],
  };
  for (const place of PLACES) {
    const { services } = JSON.parse(await compose(place));
    const open = Object.values<Service>(services).flatMap(({ ports = [] }) => ports)
      .filter(({ host_ip }) => host_ip !== "127.0.0.1").map(({ published, target }) =>
        `${published}:${target}`
      );
    assert.deepEqual(open, published[place]);
  }
});

Deno.test("no compose file starts a gallery with a published token", async () => {
  for (const place of PLACES) {
    const [text, example] = await Promise.all(
      ["compose.yaml", ".env.example"].map((name) => projectFile(`${FOLDER}/${place}/${name}`)),
    );
    assert.doesNotMatch(example, /^HAARLEM_TOKEN=/m);
    // Compose refuses to start while the variable is empty.
    if (text.includes("command: [gallery]")) assert.match(text, /HAARLEM_TOKEN: \$\{HAARLEM_TOKEN:\?/);
  }
});

Deno.test(
  "at home, saver and gallery share one folder, which the saver's user can write",
  needs("composeCheck"),
  async () => {
    const { services: { folder, saver, gallery } } = JSON.parse(await compose("home"));
    const mounted = ({ volumes }: Service) => volumes!.find(({ target }) => target === "/faces")!;
    assert.deepEqual(
      [folder, saver, gallery].map(mounted).map(({ source }) => source),
      Array(3).fill("/srv/faces"),
    );
    assert.deepEqual([saver, gallery].map((it) => mounted(it).read_only ?? false), [false, true]);
    assert.deepEqual(folder.entrypoint, ["chown", `${USER}:${USER}`, "/faces"]);
    assert.deepEqual([folder.cap_add, folder.network_mode], [["CHOWN"], "none"]);
    for (const program of [saver, gallery]) {
      assert.equal(program.environment.HAARLEM_STORE, "/faces");
      assert.equal(program.depends_on.folder.condition, "service_completed_successfully");
      assert.equal(program.user, undefined); // that of the image
    }
  },
);

Deno.test("the parser finds an unknown key in a compose file", needs("composeCheck"), async () => {
  await assert.rejects(compose("edge", (text) => text.replace("read_only", "readonly")), /readonly/);
});

/** Compose's parser omits the services of profiles. */
function withProfiles(text: string): string {
  return text.replaceAll(/^ +profiles: .*\n/gm, "");
}

function withoutEmpty(environment: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}
