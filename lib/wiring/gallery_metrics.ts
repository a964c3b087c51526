/** What the gallery's page counts. */
import type { Health } from "../health/health.ts";
import { counter, gauge } from "../health/metric.ts";

export const GALLERY_METRICS = {
  responses: counter("haarlem_http_responses_total", {
    help: "responses of the gallery's page, by the class of their status code",
    label: "code",
    values: ["2xx", "3xx", "4xx", "5xx"],
  }),
  streams: gauge("haarlem_event_streams", { help: "open pages that wait for new faces" }),
};

/** Adds the metrics; the result counts a response and returns it. */
export function addGalleryMetrics(
  { metrics }: Health,
  feed: { readonly streams: number },
): (response: Response) => Response {
  const { responses } = metrics.add(GALLERY_METRICS, { streams: () => feed.streams });
  return (response) => {
    responses.add(classOf(response.status));
    return response;
  };
}

function classOf(status: number): "2xx" | "3xx" | "4xx" | "5xx" {
  return status < 300 ? "2xx" : status < 400 ? "3xx" : status < 500 ? "4xx" : "5xx";
}
