/**
 * The tutorials are run as they are written. In their place stand: a clip for the camera, a versitygw for the bucket on
 * AWS, free ports for 1883, 8080 and 9100, and programs of this checkout for a clone.
 */
import { projectFile } from "../../lib/testing/files.ts";
import { makeClip } from "../media/make_clip.ts";
import { needs } from "../needs.ts";
import { freePort } from "../servers/free_port.ts";
import { S3Server } from "../servers/s3_server.ts";
import { type StandIn, stepsOf } from "./blocks.ts";
import { Session } from "./session.ts";

/** Runs a document. Its default ports are those of the session's own broker and gallery. */
async function runDocument(path: string, standIns: readonly StandIn[], env: Record<string, string> = {}) {
  await using clip = await makeClip("walkers");
  const [broker, gallery, health] = [freePort(), freePort(), freePort()].map(String);
  await using session = new Session([
    ["1883", broker],
    ["8080", gallery],
    ["9100", health],
    // Without --once, a clip is read at the speed of a camera, again and again.
    ["/dev/video0", clip.path],
    ...standIns,
  ], {
    HAARLEM_BROKER: `mqtt://127.0.0.1:${broker}`,
    HAARLEM_GALLERY_LISTEN: `127.0.0.1:${gallery}`,
    ...env,
  });
  for (const step of stepsOf(await projectFile(path))) await session.step(step);
}

Deno.test("docs/tutorials/webcam-to-bucket.md is right, also where it breaks the pipeline", {
  ...needs("mosquitto", "versitygw", "ffmpeg"),
}, async () => {
  await using server = await S3Server.start();
  await runDocument("docs/tutorials/webcam-to-bucket.md", [["my-bucket", server.bucket]], {
    HAARLEM_S3_ENDPOINT: server.endpoint,
    ...server.credentials,
  });
});

Deno.test("docs/tutorials/one-pi.md is right", needs("mosquitto", "ffmpeg"), async () => {
  await runDocument("docs/tutorials/one-pi.md", []);
});
