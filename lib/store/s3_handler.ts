/** The HTTP handler of the S3 client. */
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { readableListing } from "./s3_listing.ts";

/** Sends requests with `fetch`, ends slow answers, and checks listings before the SDK parses them. */
export class ListingHandler extends FetchHttpHandler {
  override async handle(...args: Parameters<FetchHttpHandler["handle"]>) {
    const answer = await super.handle(...args);
    const [{ method, query }, { abortSignal } = {}] = args;
    const { response } = answer;
    if (response.body instanceof ReadableStream && abortSignal) {
      // Nothing refers to the signal inside of `fetch`: it can be collected, and a body that hangs would never end.
      response.body = response.body.pipeThrough(new TransformStream(), {
        signal: abortSignal as AbortSignal,
      });
    }
    if (method === "GET" && query?.["list-type"] === "2" && response.statusCode === 200) {
      response.body = new Response(await readableListing(response.body)).body;
    }
    return answer;
  }
}
