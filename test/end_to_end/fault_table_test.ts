/**
 * The table of faults: each fault in the middle of the whole pipeline, and the state of every face after it. The last
 * test prints the table.
 */
import assert from "node:assert/strict";
import { COURSE_KEY } from "../../lib/testing/course_key.ts";
import { needs } from "../needs.ts";
import { type Fault, html, s3Error } from "../servers/almost_s3.ts";
import { needsMount, SmallDisk } from "../servers/small_disk.ts";
import { type Account, FaultRun, type FaultRunOptions } from "./fault_run.ts";
import { until } from "../../lib/testing/until.ts";

const DISK_KIB = 4_096;

interface Row extends FaultRunOptions {
  /** From the beginning of the fault to its end. */
  readonly happens: (run: FaultRun) => Promise<void>;
  /** The one face that may be evicted has this reason; by default none is. */
  readonly givesUp?: RegExp;
}

/** Faces of one second have the same key: a repeated put could store a face under two keys. */
const SAME_KEY = ["--key", COURSE_KEY];

const HEAD = ["fault", "faces", "lost", "twice", "unexplained"];
const table: string[][] = [];
const skipped: string[] = [];

/** A row of the table, and its test. */
function row(name: string, { happens, givesUp, ...options }: Row): void {
  test(name, needs("mosquitto", "versitygw"), async () => {
    await using run = await FaultRun.start(options);
    return await accountAfter(run, happens);
  }, givesUp);
}

/** The same with the outbox on its own small disk. */
function diskRow(name: string, happens: (run: FaultRun, disk: SmallDisk) => Promise<void>): void {
  const options = needsMount("mosquitto", "versitygw");
  if (options.ignore) skipped.push(`${name}: skipped, it needs root, the right to mount and the real parts`);
  test(name, options, async () => {
    await using disk = new SmallDisk(DISK_KIB);
    await using run = await FaultRun.start({ state: `${disk.path}/state` });
    return await accountAfter(run, (run) => happens(run, disk));
  });
}

async function accountAfter(run: FaultRun, happens: (run: FaultRun) => Promise<void>): Promise<Account> {
  try {
    await happens(run);
    return await run.account();
  } catch (error) {
    const { detector, pipeline: { forwarder, saver } } = run;
    const logs = [detector, forwarder, saver].map(({ name, stderr }) => `${name}:\n${stderr.slice(-3_000)}`);
    throw new Error(logs.join("\n"), { cause: error });
  }
}

function test(
  name: string,
  options: { ignore: boolean },
  run: () => Promise<Account>,
  givesUp?: RegExp,
): void {
  const sentence = `no face is lost, stored twice or unexplained: ${name}`;
  Deno.test(sentence, { ...options, sanitizeResources: false }, async () => {
    const cells = [name, "?", "?", "?", "?"]; // Until the run has ended.
    table.push(cells);
    const { faces, givenUp, twice, unexplained } = await run();
    const lost = givenUp.filter((reason) => !givesUp?.test(reason));
    cells.splice(1, 4, ...[faces, lost.length, twice, unexplained.length].map(String));
    assert.deepEqual({ lost, twice, unexplained }, { lost: [], twice: 0, unexplained: [] });
    assert.equal(givenUp.length, givesUp ? 1 : 0, "faces that were evicted");
    assert.ok(faces >= 10, `only ${faces} faces`);
  });
}

const onPut = (answer: Fault): Fault => (request) => request.method === "PUT" ? answer(request) : undefined;

interface Process {
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  kill(): Promise<void>;
}

/** The parts behind the detector, and how each is started again. */
const PARTS: Record<string, { of: (run: FaultRun) => Process; again: (run: FaultRun) => unknown }> = {
  "the edge broker": { of: ({ pipeline }) => pipeline.edge, again: ({ pipeline }) => pipeline.edge.start() },
  "the forwarder": {
    of: ({ pipeline }) => pipeline.forwarder,
    again: ({ pipeline }) => pipeline.startForwarder(),
  },
  "the cloud broker": {
    of: ({ pipeline }) => pipeline.cloud,
    again: ({ pipeline }) => pipeline.cloud.start(),
  },
  "the saver": { of: ({ pipeline }) => pipeline.saver, again: (run) => run.startSaver() },
  "the S3 server": { of: ({ s3 }) => s3.real, again: ({ s3 }) => s3.real.start() },
};

for (const [name, { of, again }] of Object.entries(PARTS)) {
  row(`SIGSTOP of ${name}`, {
    direct: true,
    async happens(run) {
      of(run).signal("SIGSTOP");
      await run.stopsFaces({ resent: 8 });
      of(run).signal("SIGCONT");
      await run.recovers();
    },
  });
  row(`kill -9 of ${name}`, {
    direct: true,
    async happens(run) {
      await of(run).kill();
      await run.stopsFaces();
      await again(run);
      await run.recovers();
    },
  });
}

row("kill -9 of the saver in the middle of its puts", {
  saver: SAME_KEY,
  async happens(run) {
    const { promise: isOver, resolve: end } = Promise.withResolvers<undefined>();
    run.s3.fault = onPut(() => isOver);
    try {
      const before = run.s3.count("PUT");
      await until(() => run.s3.count("PUT") >= before + 8, "eight puts have begun");
      await run.pipeline.saver.kill();
    } finally {
      run.s3.fault = () => undefined;
      end(undefined); // They are stored, without receipts.
    }
    run.startSaver();
    await run.recovers();
  },
});

row("kill -9 of the detector", {
  async happens(run) {
    await run.restartDetector();
    await run.storesMore(10);
  },
});

/** S3 answers every request with a fault, until the saver has reported it and faces wait. */
function s3Row(name: string, fault: (run: FaultRun) => Fault, said = /cannot store/): void {
  row(name, {
    saver: SAME_KEY,
    async happens(run) {
      run.s3.fault = fault(run);
      await run.pipeline.saver.printed(said);
      await run.stopsFaces();
      run.s3.fault = () => undefined;
      await run.recovers();
    },
  });
}

s3Row("S3 answers 403", () => onPut(() => s3Error(403, "AccessDenied")), /403 AccessDenied/);
s3Row("S3 answers 503", () => () => s3Error(503, "SlowDown"), /503 SlowDown/);
s3Row("S3 answers 502 as a proxy does, not as S3", () => () => html(502), /cannot store.*502/);
s3Row(
  "S3 stores each object and its connection breaks before the answer",
  ({ s3Link }) =>
    onPut(() => {
      s3Link.cut();
      s3Link.mend();
      return undefined;
    }),
);

row("S3 closes every connection", {
  async happens(run) {
    run.s3Link.cut();
    await run.pipeline.saver.printed(/cannot store/);
    await run.stopsFaces();
    run.s3Link.mend();
    await run.recovers();
  },
});

row("S3 stores objects later than --s3-timeout", {
  saver: SAME_KEY,
  async happens(run) {
    const { promise: isOver, resolve: end } = Promise.withResolvers<undefined>();
    run.s3.fault = onPut(() => isOver);
    try {
      await run.pipeline.saver.printed(/cannot store/);
      await run.stopsFaces();
    } finally {
      run.s3.fault = () => undefined;
      end(undefined); // A put whose client has disconnected is stored too.
    }
    await run.recovers();
  },
});

row("S3 answers 413 to one object, and that face is evicted", {
  givesUp: /413/,
  async happens(run) {
    let poison = "";
    run.s3.fault = onPut(({ key }) => {
      // The saver's own trial objects are stored, and a face that is put again may be stored already.
      const puts = run.s3.requests.filter((put) => put.method === "PUT" && put.key === key);
      if (key.endsWith(".png") && puts.length === 1) poison ||= key;
      return key === poison ? html(413) : undefined;
    });
    await run.pipeline.saver.printed(/a message cannot be stored now: .*413/);
    await run.storesMore(10);
  },
});

row("S3 ignores If-None-Match, and faces of one second have the same key", {
  saver: SAME_KEY,
  fault: (request, s3) => request.headers.has("if-none-match") ? s3.putWithout(request) : undefined,
  async happens(run) {
    await run.pipeline.saver.printed(/does not support conditional writes/);
    await run.storesMore(20);
  },
});

row("S3 answers 400 to checksums", {
  fault: ({ headers }) =>
    Array.from(headers.keys()).some((name) => name.startsWith("x-amz-checksum-"))
      ? s3Error(400, "InvalidArgument", "Unsupported header 'x-amz-checksum-sha256'")
      : undefined,
  async happens(run) {
    await run.pipeline.saver.printed(/does not support/);
    await run.storesMore(20);
  },
});

diskRow("the outbox's disk is full", async (run, disk) => {
  disk.fill();
  await run.detector.printed(/the disk is full/);
  await run.storesMore(20);
  disk.empty();
  await run.detector.printed(/the disk can be written again/);
  await run.recovers();
});

diskRow("the outbox's disk is read-only", async (run, disk) => {
  disk.readOnly = true;
  await run.detector.printed(/the disk is read-only/);
  await run.storesMore(20);
  disk.readOnly = false;
  await run.detector.printed(/the disk can be written again/);
  await run.recovers();
});

row("S3 answers 503, and kill -9 of the saver meanwhile", {
  saver: SAME_KEY,
  async happens(run) {
    run.s3.fault = () => s3Error(503, "SlowDown");
    await run.pipeline.saver.printed(/503 SlowDown/);
    await run.pipeline.saver.kill();
    await run.stopsFaces();
    run.startSaver();
    await run.pipeline.saver.printed(/the store does not answer yet[^]*connected to the broker/);
    run.s3.fault = () => undefined;
    await run.recovers();
  },
});

diskRow("the disk is full while the cloud broker is down, then both are back", async (run, disk) => {
  await run.pipeline.cloud.kill();
  disk.fill();
  await run.detector.printed(/the disk is full/);
  await run.stopsFaces();
  disk.empty();
  await run.pipeline.cloud.start();
  await run.detector.printed(/the disk can be written again/);
  await run.recovers();
});

row("kill -9 of the forwarder while the edge broker is stopped", {
  async happens(run) {
    run.pipeline.edge.signal("SIGSTOP");
    await run.pipeline.forwarder.kill();
    await run.stopsFaces();
    run.pipeline.startForwarder();
    await run.pipeline.forwarder.printed(/connected to the cloud/);
    run.pipeline.edge.signal("SIGCONT");
    await run.recovers();
  },
});

Deno.test("the table of faults has 0 in the columns lost, twice and unexplained", () => {
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...table.map((cells) => cells[column].length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => column ? cell.padStart(widths[column]) : cell.padEnd(widths[column])).join(
      " | ",
    );
  console.log(["", ...[HEAD, ...table].map(line), ...skipped].join("\n"));
  assert.deepEqual(table.filter((cells) => cells.slice(2).some((cell) => cell !== "0")), []);
});
