import assert from "node:assert/strict";
import { Namesakes } from "./namesakes.ts";

/** Some of one name, which all hear what each of them says, themselves included. */
function of(count: number) {
  const reports = Array.from({ length: count }, () => 0);
  const said: string[] = [];
  const all: Namesakes[] = reports.map((_, index) =>
    new Namesakes({
      say: (text) => said.push(text),
      onNamesake: () => reports[index]++,
    })
  );
  const settle = (there: readonly Namesakes[], nowMs: number) => {
    for (let text = said.shift(); text !== undefined; text = said.shift()) {
      for (const one of there) one.hear(text, nowMs);
    }
  };
  return { all, reports, said, settle };
}

Deno.test("the second of a name reports it once, the first never, also when a restarted broker greets both", () => {
  const { all: [first, second], reports, settle } = of(2);
  first.greet();
  settle([first], 0);
  assert.deepEqual(reports, [0, 0]);
  second.greet();
  settle([first, second], 10_000);
  assert.deepEqual(reports, [0, 1]);
  for (let time = 2; time < 20; time++) {
    first.greet();
    second.greet();
    settle([first, second], time * 10_000);
  }
  assert.deepEqual(reports, [0, 1]);
});

Deno.test("greetings are answered once a second, and strange ones not at all", () => {
  const { all: [one], reports, said } = of(1);
  for (let index = 0; index < 500; index++) one.hear(`hello ${String(index).padStart(16, "0")}`, index);
  for (const text of ["", "hello", "hello x", "here", `here ${"0".repeat(1_000)}`, "\u0000"]) {
    one.hear(text, 9_000);
  }
  assert.equal(said.length, 1);
  for (let index = 0; index < 500; index++) one.hear(`here ${String(index).padStart(16, "a")}`, 9_000);
  assert.ok(reports[0] <= 100 && said.length === 1);
});
