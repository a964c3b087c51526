/** The cameras of the gallery: its connection to a broker, and what is heard there. */
import { delay } from "../async/delay.ts";
import { MAX_STATE_BYTES } from "../face/detector_state.ts";
import { ALL_STATES, ALL_STATUSES } from "../face/topics.ts";
import type { CameraSource } from "../gallery/camera_route.ts";
import { Cameras, type ShownCamera } from "../gallery/cameras.ts";
import type { Health } from "../health/health.ts";
import type { Log } from "../log.ts";
import { grouped, text, type Values } from "../settings/declare.ts";
import { certificateAuthority, openBus, optionalBrokerAddress, wrongName } from "./bus.ts";

/** Pages get the list at most this often, and a silent camera is noticed at this interval. */
const CHECK_MS = 2_000;
/** States that wait to be read; beyond it they are dropped, and come again. */
const MAX_WAITING = 2_000;

/** The settings of the camera list. */
export const CAMERA_LIST_SETTINGS = {
  broker: optionalBrokerAddress({ help: "address of the broker whose cameras the page lists" }),
  brokerCa: certificateAuthority("broker"),
  ...grouped("delivery", {
    device: text({
      help: "name of this machine in topics; without it, the host name",
      placeholder: "NAME",
      check: wrongName,
    }),
  }),
};

/** A source of cameras that ends its connection when it is disposed of. */
export type CameraList = CameraSource & AsyncDisposable;

/** Whether the broker answers, and since when. */
export type BrokerLink = Pick<CameraSource, "broker" | "since">;

/** Connects to the broker of the settings; undefined without one. A broker that is away leaves the gallery ready. */
export async function openCameraList(
  { broker: address, brokerCa: ca, device }: Values<typeof CAMERA_LIST_SETTINGS>,
  { log, health, onChange, onBroker }: {
    log: Log;
    health: Health;
    /** Called when the broker answers, or answers no more. */
    onBroker: (link: BrokerLink) => void;
    /** Called with the list when it has changed. */
    onChange: (cameras: readonly ShownCamera[]) => void;
  },
): Promise<CameraList | undefined> {
  if (address === undefined) return undefined;
  const onTooMany = (max: number) =>
    log.warn("too many cameras report to the broker; some are not shown", { max });
  const cameras = new Cameras(Date.now, onTooMany);
  const stop = new AbortController();
  const { signal } = stop;
  let link: BrokerLink = { broker: "away", since: Date.now() };
  const turn = (broker: BrokerLink["broker"]) => {
    if (link.broker === broker) return;
    link = { broker, since: Date.now() };
    onBroker(link);
  };
  const bus = await openBus({
    role: "broker",
    address,
    ca,
    settings: { device },
    worker: "gallery",
    log,
    metrics: health.metrics,
    onUp: () => turn("connected"),
    onDown: () => turn("away"),
  });
  const listen = async (topic: string) => {
    const options = {
      qos: 0,
      signal,
      maxWaiting: MAX_WAITING,
      maxWaitingBytes: MAX_WAITING * MAX_STATE_BYTES,
    } as const;
    for await (const message of bus.messages(topic, options)) {
      cameras.receive(message.topic, message.payload, message);
    }
  };
  const compare = async () => {
    let before = "[]";
    while (!signal.aborted) {
      const list = cameras.list();
      const now = JSON.stringify(list);
      if (now !== before) onChange(list);
      before = now;
      await delay(CHECK_MS, { signal });
    }
  };
  const running = Promise.all([listen(ALL_STATES), listen(ALL_STATUSES), compare()]);
  return {
    get broker() {
      return link.broker;
    },
    get since() {
      return link.since;
    },
    list: () => cameras.list(),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
      await bus.close();
    },
  };
}
