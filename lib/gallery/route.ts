/** What a route of the gallery is: its path, who may use it, and the function that responds. */
import type { LogFields } from "../log.ts";
import type { Access, AccessResult } from "../web/access.ts";
import type { Client } from "../web/attempts.ts";
import type { CameraSource } from "./camera_route.ts";
import type { DeletedFaces } from "./deleted_faces.ts";
import type { DayList } from "./day_list.ts";
import type { FaceIndex } from "./face_index.ts";
import type { LiveFeed } from "./live_feed.ts";
import type { PageFiles } from "./page_files.ts";
import type { PictureStore } from "./picture_store.ts";
import type { Pictures } from "./pictures.ts";
import type { StoreHealth } from "./store_health.ts";
import type { Thumbnails } from "./thumbnails.ts";
import type { VisitQueries } from "./visit_queries.ts";

/** The parts of a gallery. */
export interface Gallery {
  readonly store: PictureStore;
  readonly pictures: Pictures;
  readonly index: FaceIndex;
  readonly visits: VisitQueries;
  readonly days: DayList;
  readonly thumbnails: Thumbnails;
  readonly feed: LiveFeed;
  readonly health: StoreHealth;
  readonly access: Access;
  readonly files: PageFiles;
  /** Only with `--allow delete`. Its store is then `store`. */
  readonly deletion?: DeletedFaces;
  /** Only with `--broker`. */
  readonly cameras?: CameraSource;
  /** Writes a line to the log about something that a viewer did. */
  readonly log?: (message: string, fields: LogFields) => void;
  /** The time since 1970 in milliseconds. Tests replace it. */
  readonly utcMs?: () => number;
  /** Aborted when the program stops. */
  readonly signal: AbortSignal;
}

/** One request and what is known about it. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly client: Client;
  /** Allowed, unless the route is public. */
  readonly access: AccessResult;
  readonly gallery: Gallery;
}

/** Who may use a route: everybody who reaches the gallery, or the holders of its token. */
export type RouteAccess = "public" | "token";

/** One row of the table in routes.ts. */
export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** The whole path, or its beginning when it ends in `/` and is not `/`. */
  readonly path: string;
  readonly access: RouteAccess;
  readonly respond: (call: Call) => Response | Promise<Response>;
}

export { refuse } from "../web/login.ts";
