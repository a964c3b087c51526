/** Errors of a broker's certificate, reported by our programs, from source and as executables. */
import assert from "node:assert/strict";
import { needs } from "../needs.ts";
import { Authority, stamp } from "../servers/certificates.ts";
import { freePort } from "../servers/free_port.ts";
import { Mosquitto } from "../servers/mosquitto.ts";
import { RunningProgram, runProgram } from "../servers/run_program.ts";

const DAY_MS = 24 * 3600 * 1000;

Deno.test(
  "each fault of TLS has its own message and hint",
  needs("mosquitto"),
  async () => {
    await using authority = await Authority.create();
    await using untrusted = await Authority.create("Another Authority");
    const [good, old, early, named] = [
      await authority.sign(),
      await authority.sign({ from: stamp(Date.now() - 9 * DAY_MS), until: stamp(Date.now() - DAY_MS) }),
      await authority.sign({ from: stamp(Date.now() + DAY_MS) }),
      await authority.sign({ names: "DNS:broker.example" }),
    ];
    const [goodPort, oldPort, earlyPort, namedPort, strictPort] = Array.from({ length: 5 }, freePort);
    const listener = (
      port: number,
      { cert, key }: { cert: string; key: string },
    ) => [`listener ${port} 127.0.0.1`, `cafile ${authority.cert}`, `certfile ${cert}`, `keyfile ${key}`];
    await using broker = await Mosquitto.start({
      more: [
        "per_listener_settings false",
        ...listener(goodPort, good),
        ...listener(oldPort, old),
        ...listener(earlyPort, early),
        ...listener(namedPort, named),
        ...listener(strictPort, good),
        "require_certificate true",
      ].join("\n"),
    });
    const cases: [string, RegExp, string?][] = [
      [`mqtts://127.0.0.1:${oldPort}`, /expired on .* clock shows .*Try: renew/],
      [`mqtts://127.0.0.1:${earlyPort}`, /is not valid before .* clock shows .*Try: set the clock/],
      [
        `mqtts://127.0.0.1:${namedPort}`,
        /is not for "127.0.0.1" but for "broker.example".*Try: use one of these/,
      ],
      [
        `mqtts://127.0.0.1:${goodPort}`,
        /signed by "Test Authority", which is not in --broker-ca.*Try: set/,
        untrusted.cert,
      ],
      [`mqtts://127.0.0.1:${strictPort}`, /requires a client certificate.*Try: set --tls-cert/],
      [`mqtts://127.0.0.1:${broker.port}`, /speaks no TLS on this port.*Try: use/],
      [`mqtt://127.0.0.1:${goodPort}`, /speaks TLS on this port.*Try: use mqtts/],
    ];
    for (const [address, says, ca = authority.cert] of cases) {
      await using logger = new RunningProgram("logger", ["--broker", address, "--broker-ca", ca]);
      await logger.printed(says);
      assert.equal(logger.stderr.match(/retrying/g)?.length, 1, logger.stderr);
    }
    await using logger = new RunningProgram("logger", [
      ...["--broker", `mqtts://127.0.0.1:${goodPort}`, "--broker-ca", authority.cert],
    ]);
    await logger.printed(/connected to the broker/);
    const ended = await runProgram("logger", ["--broker-ca", authority.key]);
    assert.equal(ended.code, 78);
    assert.match(
      ended.stderr,
      /--broker-ca ".*" holds no certificate but a private key\nTry: set --broker-ca/,
    );
  },
);
