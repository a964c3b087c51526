/** Which of two namesakes reports the other. */
import assert from "node:assert/strict";
import { Namesakes } from "./namesakes.ts";

/** Namesakes that all receive what each of them publishes, themselves included. */
function of(count: number) {
  const reports = Array.from({ length: count }, () => 0);
  const published: string[] = [];
  const all: Namesakes[] = reports.map((_, index) =>
    new Namesakes({
      publish: (text) => published.push(text),
      onNamesake: () => reports[index]++,
    })
  );
  const deliver = (connected: readonly Namesakes[], nowMs: number) => {
    for (let text = published.shift(); text !== undefined; text = published.shift()) {
      for (const one of connected) one.receive(text, nowMs);
    }
  };
  return { all, reports, published, deliver };
}

Deno.test("the second namesake reports the first one once, the first never, also after a restart of the broker", () => {
  const { all: [first, second], reports, deliver } = of(2);
  first.greet();
  deliver([first], 0);
  assert.deepEqual(reports, [0, 0]);
  second.greet();
  deliver([first, second], 10_000);
  assert.deepEqual(reports, [0, 1]);
  for (let time = 2; time < 20; time++) {
    first.greet();
    second.greet();
    deliver([first, second], time * 10_000);
  }
  assert.deepEqual(reports, [0, 1]);
});

Deno.test("greetings are answered once a second, and malformed ones never", () => {
  const { all: [one], reports, published } = of(1);
  for (let index = 0; index < 500; index++) one.receive(`hello ${String(index).padStart(16, "0")}`, index);
  for (const text of ["", "hello", "hello x", "here", `here ${"0".repeat(1_000)}`, "\u0000"]) {
    one.receive(text, 9_000);
  }
  assert.equal(published.length, 1);
  for (let index = 0; index < 500; index++) one.receive(`here ${String(index).padStart(16, "a")}`, 9_000);
  assert.ok(reports[0] <= 100 && published.length === 1);
});
