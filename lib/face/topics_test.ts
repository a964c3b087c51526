/** The names of the topics. */
import assert from "node:assert/strict";
import { DEFAULT_TOPIC, loopTopic, receiptTopic, recognitionTopic, statusTopic } from "./topics.ts";

Deno.test("the topics are the documented ones", () => {
  assert.equal(DEFAULT_TOPIC, "face_detection");
  assert.equal(receiptTopic("a/faces"), "a/faces/receipt");
  assert.equal(statusTopic("board", "saver"), "haarlem/board/saver/status");
  assert.equal(recognitionTopic("board", "door", "00ff"), "haarlem/board/recognition/door/00ff");
  assert.equal(loopTopic("board"), "haarlem/board/forwarder/loop");
});
