/** `deploy/mosquitto/setup` with the real Mosquitto, and real clients of the broker that it configures. */
import assert from "node:assert/strict";
import { output } from "../../lib/testing/command.ts";
import { needs } from "../needs.ts";
import { findParts } from "../parts.ts";
import { BROKER_ROOTS, BrokerMachine, needsBrokerMachine } from "../servers/broker_machine.ts";
import { freePort } from "../servers/free_port.ts";
import { flagsOf, FOLDER, newPorts, passwordsIn, publish, subjects } from "./broker_accounts.ts";
import {
  holdsGalleryRights,
  holdsNotifierRights,
  holdsRecogniserRights,
  holdsRights,
} from "./broker_rights.ts";

const CONFIGURATION = "/etc/mosquitto/conf.d/haarlem-cloud.conf";

Deno.test(
  "the script that sets up the broker, and what it sources, pass shellcheck",
  needs("shellcheck"),
  async () => {
    const folder = new URL("../../deploy/mosquitto/", import.meta.url).pathname;
    const files = ["setup", "fit.sh", "accounts.sh", "certificates.sh", "broker.sh"].map((name) =>
      folder + name
    );
    const args = ["--external-sources", `--source-path=${folder}/../..`, ...files];
    const { code, stdout } = await output(findParts().shellcheck!, args);
    assert.equal(code, 0, stdout);
  },
);

for (const root of BROKER_ROOTS) {
  Deno.test(
    `on the system in ${root}, setup configures a broker with accounts, rights and TLS`,
    needsBrokerMachine(),
    async (t) => {
      await using machine = await BrokerMachine.start({ root });
      const ports = newPorts();
      const setup = (...more: string[]) => machine.setup(...more);
      let passwords: Record<string, string> = {};

      await t.step(
        "the first run creates everything, and prints the settings of saver and boards",
        async () => {
          const { code, stdout, stderr } = await setup(
            ...["--name", "localhost", "--name", "127.0.0.1", ...flagsOf(ports)],
            ...["--board", "board1", "--board", "board2"],
          );
          assert.equal(code, 0, stdout + stderr);
          passwords = passwordsIn(stdout, ports);
          assert.deepEqual(Object.keys(passwords).sort(), ["board1", "board2", "saver"]);
          assert.equal(new Set(Object.values(passwords)).size, 3);
        },
      );

      await t.step("Mosquitto starts without a warning, an error or a deprecation", async () => {
        const log = await machine.log();
        assert.match(log, /version \S+ running/);
        assert.doesNotMatch(log, /warning|error|deprecated|unable/i);
      });

      await t.step("only their owner can read keys and passwords", async () => {
        const files = (await machine.files(FOLDER)).split("\n").filter((line) => line.includes(FOLDER));
        assert.deepEqual(files.map((line) => line.replace(`${FOLDER}/`, "")), [
          "600 mosquitto mosquitto acl",
          "644 root root ca.pem",
          "600 mosquitto mosquitto passwd",
          "600 root root private/accounts",
          "600 root root private/ca.key",
          "600 root root private/choices",
          "600 mosquitto mosquitto server.key",
          "644 root root server.pem",
        ]);
      });

      await t.step(
        "a second run changes nothing, prints no password and leaves the broker running",
        async () => {
          const [before, calls] = [
            await machine.files("/etc/mosquitto"),
            await machine.read("/run/stand-in.calls"),
          ];
          const { code, stdout, stderr } = await setup();
          assert.equal(code, 0, stderr);
          assert.match(stdout, /^nothing to change/);
          assert.doesNotMatch(stdout, new RegExp(Object.values(passwords).join("|")));
          assert.equal(await machine.files("/etc/mosquitto"), before);
          assert.equal(await machine.read("/run/stand-in.calls"), calls);
        },
      );

      await t.step(
        "only the right password is accepted, with the authority's certificate and the right name",
        async () => {
          const ca = await Deno.makeTempFile();
          await Deno.writeTextFile(ca, await machine.read(`${FOLDER}/ca.pem`));
          const enter = (user: string, password: string, { host = "localhost", authority = ca } = {}) =>
            publish(["-h", host, "-p", `${ports.tls}`, "--cafile", authority], user, password);
          assert.equal((await enter("board1", passwords.board1)).code, 0);
          assert.equal((await enter("board1", passwords.board1, { host: "127.0.0.1" })).code, 0);
          assert.equal((await enter("saver", passwords.saver)).code, 0);
          for (
            const [user, password] of [["board1", "x"], ["board1", passwords.board2], ["board3", "x"], [
              "",
              "",
            ]]
          ) {
            assert.notEqual((await enter(user, password)).code, 0, `${user} ${password}`);
          }
          // The certificate is not for another name, and not by another authority.
          assert.notEqual((await enter("board1", passwords.board1, { host: "127.0.0.2" })).code, 0);
          const other = "/etc/ssl/certs/ca-certificates.crt";
          assert.notEqual((await enter("board1", passwords.board1, { authority: other })).code, 0);
          const local = ["-h", "127.0.0.1", "-p", `${ports.local}`];
          assert.equal((await publish(local, "saver", passwords.saver)).code, 0);
          assert.notEqual((await publish(local, "", "")).code, 0);
          await Deno.remove(ca);
        },
      );

      await t.step(
        "a board cannot read faces or publish receipts, the saver cannot publish faces",
        async () => {
          await holdsRights(await machine.read(`${FOLDER}/ca.pem`), ports, passwords);
        },
      );

      await t.step("a recogniser reads faces and answers them, and can do nothing else", async () => {
        const { code, stdout } = await setup("--recogniser", "on");
        assert.equal(code, 0, stdout);
        const added = passwordsIn(stdout, ports);
        assert.deepEqual(Object.keys(added), ["recogniser"]);
        assert.deepEqual(passwordsIn((await setup("--settings-of", "recogniser")).stdout, ports), added);
        await holdsRecogniserRights(await machine.read(`${FOLDER}/ca.pem`), ports, {
          ...passwords,
          ...added,
        });
        assert.equal((await setup("--recogniser", "off")).code, 0);
        const where = ["-p", `${ports.local}`];
        assert.notEqual((await publish(where, "recogniser", added.recogniser)).code, 0);
        assert.equal((await publish(where, "board1", passwords.board1)).code, 0);
      });

      await t.step("a gallery reads the states that boards publish, and nothing else", async () => {
        const { code, stdout } = await setup("--gallery", "on");
        assert.equal(code, 0, stdout);
        const added = passwordsIn(stdout, ports);
        assert.deepEqual(Object.keys(added), ["gallery"]);
        await holdsGalleryRights(await machine.read(`${FOLDER}/ca.pem`), ports, { ...passwords, ...added });
        assert.equal((await setup("--gallery", "off")).code, 0);
      });

      await t.step("a notifier reads faces and receipts, and can publish neither", async () => {
        const { code, stdout } = await setup("--notifier", "on");
        assert.equal(code, 0, stdout);
        const added = passwordsIn(stdout, ports);
        assert.deepEqual(Object.keys(added), ["notifier"]);
        const ca = await machine.read(`${FOLDER}/ca.pem`);
        await holdsNotifierRights(ca, ports, { ...passwords, ...added });
        assert.equal((await setup("--notifier", "off")).code, 0);
        assert.notEqual((await publish(["-p", `${ports.local}`], "notifier", added.notifier)).code, 0);
      });

      await t.step("adding a board keeps the passwords of the others", async () => {
        const { code, stdout } = await setup("--board", "board3");
        assert.equal(code, 0, stdout);
        const added = passwordsIn(stdout, ports);
        assert.deepEqual(Object.keys(added), ["board3"]);
        for (const [user, password] of [["board3", added.board3], ["board1", passwords.board1]]) {
          assert.equal((await publish(["-p", `${ports.local}`], user, password)).code, 0, user);
        }
        assert.deepEqual(passwordsIn((await setup("--settings-of", "board1")).stdout, ports), {
          board1: passwords.board1,
        });
      });

      await t.step("a removed board is no longer accepted", async () => {
        assert.equal((await setup("--remove-board", "board2")).code, 0);
        assert.notEqual((await publish(["-p", `${ports.local}`], "board2", passwords.board2)).code, 0);
        assert.equal((await publish(["-p", `${ports.local}`], "board1", passwords.board1)).code, 0);
        assert.doesNotMatch(await machine.read(`${FOLDER}/acl`), /board2/);
        const { code, stderr } = await setup("--remove-board", "board2");
        assert.equal(code, 78);
        assert.match(stderr, /"board2": no board has this name\nTry: /);
      });

      await t.step("another name gives another certificate by the same authority", async () => {
        const [ca, certificate] = [
          await machine.read(`${FOLDER}/ca.pem`),
          await machine.read(`${FOLDER}/server.pem`),
        ];
        assert.equal((await setup("--name", "broker.example", "--name", "::1")).code, 0);
        assert.equal(await machine.read(`${FOLDER}/ca.pem`), ca);
        assert.notEqual(await machine.read(`${FOLDER}/server.pem`), certificate);
        assert.deepEqual(await subjects(machine), ["DNS:broker.example", "IP Address:0:0:0:0:0:0:0:1"]);
      });

      await t.step("a certificate that is about to expire is renewed", async () => {
        const script =
          `cd ${FOLDER} && openssl req -x509 -key server.key -subj /CN=x -days 20 -out server.pem`;
        assert.equal((await machine.run("sh", "-c", script)).code, 0);
        assert.equal((await setup()).code, 0);
        assert.deepEqual(await subjects(machine), ["DNS:broker.example", "IP Address:0:0:0:0:0:0:0:1"]);
      });

      await t.step(
        "a configuration that does not start is rolled back, and the broker runs as before",
        async () => {
          const before = await machine.files("/etc/mosquitto");
          using blocker = Deno.listen({ hostname: "0.0.0.0", port: 0 });
          const { code, stderr } = await setup(
            "--ports",
            `${(blocker.addr as Deno.NetAddr).port}`,
            "--board",
            "board4",
          );
          assert.equal(code, 1);
          assert.match(stderr, /Mosquitto \S+ does not start with \S+; the old configuration is back\nTry: /);
          assert.match(stderr, /in use/);
          assert.equal(await machine.files("/etc/mosquitto"), before);
          assert.equal((await publish(["-p", `${ports.local}`], "board1", passwords.board1)).code, 0);
        },
      );

      await t.step("boards can have several ports", async () => {
        const two = [ports.tls, freePort()];
        assert.equal((await setup("--ports", two.join())).code, 0);
        const configuration = await machine.read(CONFIGURATION);
        assert.deepEqual(Array.from(configuration.matchAll(/^listener (.*)/gm), ([, it]) => it), [
          `${ports.local} 127.0.0.1`,
          ...two.map(String),
        ]);
        assert.equal(configuration.match(/^keyfile /gm)!.length, 2);
      });

      await t.step("--uninstall removes everything", async () => {
        const { code, stdout } = await setup("--uninstall");
        assert.equal(code, 0, stdout);
        assert.doesNotMatch(await machine.files("/etc/mosquitto"), /haarlem/);
        await assert.rejects(Deno.connect({ port: ports.tls }));
        assert.match((await setup("--uninstall")).stdout, /^nothing to remove/);
      });
    },
  );

  Deno.test(
    `on the system in ${root}, the board's broker starts with the file that is fitted to it`,
    needsBrokerMachine(),
    async () => {
      await using machine = await BrokerMachine.start({ root });
      const port = freePort();
      const fit = `here=/opt/mosquitto; . $here/fit.sh
      sed -i "s/^listener 1883/listener ${port}/" $here/edge.conf
      fit_to_mosquitto $here/edge.conf "$(mosquitto_version)" >/etc/mosquitto/conf.d/haarlem.conf`;
      assert.equal((await machine.run("sh", "-ec", fit)).code, 0);
      assert.equal((await machine.run("systemctl", "restart", "mosquitto.service")).code, 0);
      assert.doesNotMatch(await machine.log(), /warning|error|deprecated|unable/i);
      assert.equal((await publish(["-p", `${port}`], "", "")).code, 0);
    },
  );
}
