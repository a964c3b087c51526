/** Which services get the visits of which camera. */
import { SERVICE_NAMES, type ServiceName } from "./notification.ts";

/** The services of each camera. `*` is every camera without a route of its own. */
export type Routes = ReadonlyMap<string, readonly ServiceName[]>;

const SHOULD = `should be like front=ntfy,telegram back=none *=ntfy, with the services ${
  SERVICE_NAMES.join(", ")
}`;

/** Reads `front=ntfy,telegram back=none *=ntfy`; throws an Error that says what the text should be. */
export function parseRoutes(given: string): Routes {
  const routes = new Map<string, readonly ServiceName[]>();
  for (const word of given.split(/\s+/).filter((one) => one !== "")) {
    const [, camera, list] = /^(\*|[\w-]{1,64})=([a-z,]+)$/.exec(word) ?? [];
    const names = list === "none" ? [] : list?.split(",") ?? [""];
    if (camera === undefined || routes.has(camera) || !names.every(isService)) throw new Error(SHOULD);
    routes.set(camera, names);
  }
  return routes;
}

/** The services of a camera: its route, otherwise that of `*`, otherwise all. */
export function servicesOf(
  routes: Routes,
  camera: string,
  all: readonly ServiceName[],
): readonly ServiceName[] {
  return routes.get(camera) ?? routes.get("*") ?? all;
}

function isService(name: string): name is ServiceName {
  return (SERVICE_NAMES as readonly string[]).includes(name);
}
