/** `deploy/mosquitto/setup` beside other configurations, without Mosquitto or systemd, interrupted, and with mistakes. */
import assert from "node:assert/strict";
import { projectFile } from "../../lib/testing/files.ts";
import { BrokerMachine, needsBrokerMachine } from "../servers/broker_machine.ts";
import { freePort } from "../servers/free_port.ts";
import { flagsOf, FOLDER, newPorts, passwordsIn, publish } from "./broker_accounts.ts";

Deno.test(
  "a contradicting line of another configuration is named, and nothing is changed",
  needsBrokerMachine(),
  async () => {
    await using machine = await BrokerMachine.start();
    const ports = newPorts();
    const other = [
      `listener ${ports.tls}`,
      "# allow_anonymous true",
      "allow_anonymous true",
      "per_listener_settings true",
      "password_file /etc/mosquitto/pwfile.example",
      "persistence true",
    ];
    await machine.write("/etc/mosquitto/conf.d/other.conf", `${other.join("\n")}\n`);
    const before = await machine.files("/etc/mosquitto");
    const { code, stderr } = await machine.setup("--name", "localhost", ...flagsOf(ports));
    assert.equal(code, 1);
    for (const [index, line] of other.entries()) {
      const named = stderr.includes(`/etc/mosquitto/conf.d/other.conf:${index + 1}: ${line}: `);
      assert.equal(named, !line.startsWith("#"), line);
    }
    assert.match(stderr, /nothing was changed\nTry: /);
    assert.equal(await machine.files("/etc/mosquitto"), before);
  },
);

Deno.test(
  "beside a compatible configuration, setup changes no other file",
  needsBrokerMachine(),
  async () => {
    await using machine = await BrokerMachine.start();
    const [ports, port] = [newPorts(), freePort()];
    await machine.write("/etc/mosquitto/conf.d/other.conf", `listener ${port} 127.0.0.1\n`);
    const before = await machine.files("/etc/mosquitto");
    assert.equal((await machine.setup("--name", "localhost", ...flagsOf(ports))).code, 0);
    assert.equal((await machine.setup("--uninstall")).code, 0);
    assert.equal(await machine.files("/etc/mosquitto"), before);
  },
);

Deno.test(
  "setup installs Mosquitto where it is missing, after apt-get update if necessary",
  needsBrokerMachine(),
  async () => {
    await using machine = await BrokerMachine.start();
    const apt = `#!/bin/sh
echo "$*" >>/run/apt.calls
case $* in
  *update) touch /run/lists ;;
  *) [ -e /run/lists ] || { echo "E: Unable to locate package"; exit 100; }
     mv /opt/mosquitto.program /usr/sbin/mosquitto ;;
esac
`;
    await machine.write("/usr/local/bin/apt-get", apt);
    await machine.run("chmod", "755", "/usr/local/bin/apt-get");
    await machine.run("mv", "/usr/sbin/mosquitto", "/opt/mosquitto.program");
    const { code, stdout, stderr } = await machine.setup("--name", "localhost", ...flagsOf(newPorts()));
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^installing mosquitto\nwrote /);
    const calls = (await machine.read("/run/apt.calls")).trim().split("\n");
    assert.deepEqual(calls.map((line) => /(?:install \w+|update)$/.exec(line)?.[0]), [
      "install mosquitto",
      "update",
      "install mosquitto",
    ]);
  },
);

Deno.test("the next run finishes an interrupted one", needsBrokerMachine(), async () => {
  await using machine = await BrokerMachine.start();
  const ports = newPorts();
  const where = ["-p", `${ports.local}`];
  assert.equal((await machine.setup("--name", "localhost", ...flagsOf(ports))).code, 0);
  // Like a power cut before the broker has reloaded its accounts.
  await machine.run("mv", "/usr/local/bin/systemctl", "/opt/systemctl");
  await machine.write("/usr/local/bin/systemctl", "#!/bin/sh\nkill -9 $PPID\n");
  await machine.run("chmod", "755", "/usr/local/bin/systemctl");
  assert.notEqual((await machine.setup("--board", "board1")).code, 0);
  await machine.run("mv", "/opt/systemctl", "/usr/local/bin/systemctl");
  const settings = passwordsIn((await machine.setup("--settings-of", "board1")).stdout, ports);
  assert.notEqual((await publish(where, "board1", settings.board1)).code, 0);
  assert.equal((await machine.setup()).code, 0);
  assert.equal((await publish(where, "board1", settings.board1)).code, 0);
  assert.doesNotMatch(await machine.files(FOLDER), /lock|unfinished|new$/m);
});

Deno.test(
  "setup shows the error of another file that keeps Mosquitto from starting",
  needsBrokerMachine(),
  async () => {
    await using machine = await BrokerMachine.start();
    const ports = newPorts();
    assert.equal((await machine.setup("--name", "localhost", ...flagsOf(ports))).code, 0);
    await machine.write("/etc/mosquitto/conf.d/other.conf", "no_such_option 1\n");
    const { code, stderr } = await machine.setup("--board", "board1");
    assert.equal(code, 1);
    assert.match(stderr, /Unknown configuration variable "no_such_option"/);
    assert.match(stderr, /not even with the old configuration, which is back\nTry: /);
    await machine.run("rm", "/etc/mosquitto/conf.d/other.conf");
    assert.equal((await machine.setup()).code, 0);
    assert.doesNotMatch(await machine.read(`${FOLDER}/acl`), /board1/);
  },
);

Deno.test("without systemd, Mosquitto is started by service", needsBrokerMachine(), async () => {
  await using machine = await BrokerMachine.start();
  await machine.run("rmdir", "/run/systemd/system");
  const service = '#!/bin/sh\n[ "$1" = mosquitto ] && exec /usr/local/bin/systemctl "$2" mosquitto.service\n';
  await machine.write("/usr/local/bin/service", service);
  await machine.run("chmod", "755", "/usr/local/bin/service");
  const { code, stderr } = await machine.setup("--name", "localhost", ...flagsOf(newPorts()));
  assert.equal(code, 0, stderr);
  assert.equal(await machine.read("/run/stand-in.calls"), "restart\n");
});

Deno.test(
  "no password is on the command line of any program that setup runs",
  needsBrokerMachine(),
  async () => {
    await using machine = await BrokerMachine.start();
    // Each program that could be given one writes its arguments into a file first.
    for (
      const name of [
        "openssl",
        "mosquitto_passwd",
        "grep",
        "sed",
        "awk",
        "cat",
        "cp",
        "mv",
        "cut",
        "tr",
        "tail",
        "head",
      ]
    ) {
      const spy =
        `#!/bin/sh\nprintf '%s\\n' "${name} $*" >>/run/words\nPATH=/usr/sbin:/usr/bin exec ${name} "$@"\n`;
      await machine.write(`/usr/local/bin/${name}`, spy);
      await machine.run("chmod", "755", `/usr/local/bin/${name}`);
    }
    const ports = newPorts();
    const { code, stdout, stderr } = await machine.setup(
      ...["--name", "localhost", "--board", "board1", ...flagsOf(ports)],
    );
    assert.equal(code, 0, stderr);
    const words = await machine.read("/run/words");
    assert.match(words, /^mosquitto_passwd .*-U /m);
    for (const password of Object.values(passwordsIn(stdout, ports))) assert.ok(!words.includes(password));
  },
);

Deno.test("setup names mistakes before it changes anything", needsBrokerMachine(), async () => {
  await using machine = await BrokerMachine.start();
  const before = await machine.files("/etc/mosquitto");
  const mistakes: [args: string[], says: RegExp][] = [
    [[], /--name is required/],
    [["--nmae", "x"], /unknown option "--nmae"/],
    [["--name"], /--name has no value/],
    [["--name="], /--name has no value/],
    [["--name", "a b"], /--name "a b": it is neither a host name/],
    [["--name", "x,DNS:y"], /--name "x,DNS:y": it is neither/],
    [["--name", "x", "--board", "saver"], /--board "saver": this is the name of the saver's account/],
    [["--name", "x", "--board", "recogniser"], /this is the name of the recogniser's account/],
    [["--name", "x", "--board", "gallery"], /this is the name of the gallery's account/],
    [["--name", "x", "--gallery", "yes"], /--gallery "yes": it should be on or off/],
    [["--settings-of", "gallery"], /no account "gallery"[^]*Try: run setup --gallery on/],
    [["--name", "x", "--recogniser", "yes"], /--recogniser "yes": it should be on or off/],
    [["--name", "x", "--board", "notifier"], /this is the name of the notifier's account/],
    [["--settings-of", "notifier"], /no account "notifier"[^]*Try: run setup --notifier on/],
    [["--settings-of", "recogniser"], /no account "recogniser"[^]*Try: run setup --recogniser on/],
    [["--name", "x", "--board", "a:b"], /--board "a:b": it should be 1 to 64 letters/],
    [["--name", "x", "--board", "a".repeat(65)], /it should be 1 to 64 letters/],
    [["--name", "x", "--ports", "70000"], /--ports "70000": a port should be from 1 to 65535/],
    [["--name", "x", "--ports", "8883,1883"], /port 1883 is both in --ports and --local-port/],
    [["--name", "x", "--ports", ","], /--ports ",": it contains no port/],
    [["--name", "x", "--local-port", "1,2"], /it should be one port/],
    [["--settings-of", "board1"], /no account "board1"/],
    [["--settings-of", "a/b"], /--settings-of "a\/b": it should be 1 to 64 letters/],
    [["--files", "/etc/mosquitto", "--uninstall"], /--uninstall is for the broker of this machine/],
    [["--name", "x", "--board", "b", "--remove-board", "b"], /is both in --board and --remove-board/],
  ];
  for (const [args, says] of mistakes) {
    const { code, stderr } = await machine.setup(...args);
    assert.equal(code, 78, args.join(" "));
    assert.match(stderr, says);
    assert.match(stderr, /^Try: [a-z]/m);
  }
  assert.equal(await machine.files("/etc/mosquitto"), before);
});

Deno.test("setup --help names every setting", async () => {
  const text = await projectFile("deploy/mosquitto/setup");
  const [, help] = /cat <<'END'\n([\s\S]*?)\nEND/.exec(text)!;
  const flags = new Set(Array.from(text.matchAll(/^ +(--[a-z-]+)\)/gm), ([, flag]) => flag));
  assert.ok(flags.size > 5);
  for (const flag of flags) assert.ok(help.includes(flag), flag);
});
