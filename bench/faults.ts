/** Kills the processes of a pipeline while faces pass through it, and starts them again. */
import { delay } from "../lib/async/delay.ts";
import { FatalError } from "../lib/errors.ts";
import type { Pipeline } from "../test/end_to_end/pipeline.ts";
import type { RunningProgram } from "../test/servers/run_program.ts";
import type { EndedCpu } from "./resources.ts";

const DOWN_MS = 1_000;
/** Time between a restart and the next fault, in which faces flow again. */
const CALM_MS = 500;

/** A process that can be killed and started again. */
interface Part {
  readonly name: string;
  kill(): Promise<void>;
  start(): Promise<unknown>;
}

/**
 * Kills (-9) the saver, the forwarder and both brokers, first each, then all together, and starts them again after one
 * second. Throws a FatalError when the detector ends before the last fault, which then meets no faces.
 */
export async function breakEverything(
  pipeline: Pipeline,
  { detector, cpu }: { detector: RunningProgram; cpu: EndedCpu },
): Promise<void> {
  let ended = false;
  void detector.end.then(() => ended = true);
  await detector.printed(/first frame/);
  const parts = partsOf(pipeline);
  for (const broken of [...parts.map((part) => [part]), parts]) {
    await delay(CALM_MS);
    if (ended) throw new FatalError("the detector ended before the last fault", "give a longer clip");
    for (const part of broken) {
      await part.kill();
      cpu.charge(part.name);
    }
    await delay(DOWN_MS);
    const waiting = Array.from(Deno.readDirSync(`${pipeline.state}/outbox`)).length;
    console.log(
      `kill -9: ${broken.map(({ name }) => name).join(", ")}; ${waiting} faces in the outbox`,
    );
    await Promise.all(broken.map((part) => part.start()));
  }
}

function partsOf(pipeline: Pipeline): Part[] {
  const { edge, cloud } = pipeline;
  return [
    {
      name: "saver",
      kill: () => pipeline.saver.kill(),
      async start() {
        pipeline.startSaver();
        await pipeline.saver.printed(/connected to the broker/);
      },
    },
    {
      name: "forwarder",
      kill: () => pipeline.forwarder.kill(),
      async start() {
        pipeline.startForwarder();
        await Promise.all(
          ["edge", "cloud"].map((end) =>
            pipeline.forwarder.printed(new RegExp(`connected to the ${end} broker`))
          ),
        );
      },
    },
    { name: "edge broker", kill: () => edge.kill(), start: () => edge.start() },
    { name: "cloud broker", kill: () => cloud.kill(), start: () => cloud.start() },
  ];
}
