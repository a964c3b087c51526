/** Topic filters. */
import assert from "node:assert/strict";
import { matchesFilter } from "./topic_filter.ts";

Deno.test("matchesFilter() matches as the examples of MQTT 3.1.1 say", () => {
  const cases: [string, string, boolean][] = [
    ["sport/tennis/player1", "sport/tennis/player1/#", true],
    ["sport/tennis/player1/ranking", "sport/tennis/player1/#", true],
    ["sport/tennis/player1", "sport/tennis/+", true],
    ["sport/tennis/player1/ranking", "sport/tennis/+", false],
    ["sport", "sport/+", false],
    ["sport/", "sport/+", true],
    ["/finance", "+/+", true],
    ["/finance", "+", false],
    ["sport", "#", true],
    ["$SYS/x", "#", false],
    ["$SYS/x", "$SYS/#", true],
    ["haarlem/board1/detector-front/state", "haarlem/+/+/state", true],
    ["haarlem/board1/detector-front/status", "haarlem/+/+/state", false],
    ["haarlem/board1/state", "haarlem/+/+/state", false],
  ];
  for (const [topic, filter, matches] of cases) {
    assert.equal(matchesFilter(topic, filter), matches, `${topic} ${filter}`);
  }
});
