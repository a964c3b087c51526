/** A real Prometheus on a free port. */
import assert from "node:assert/strict";
import { until } from "../../lib/testing/until.ts";
import { findParts } from "../parts.ts";
import { freePort } from "./free_port.ts";
import { Server } from "./server.ts";

/** A sample of a query. */
export interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  /** Time in seconds, and the value as text. */
  readonly value: readonly [number, string];
}

/** A rule as Prometheus has parsed it. */
export interface Rule {
  readonly name: string;
  readonly query: string;
  readonly health: string;
}

/** A Prometheus that scrapes the job `haarlem` each second. */
export class Prometheus extends Server {
  private constructor(port: number, private readonly folder: string) {
    super(port, findParts().prometheus!, [
      `--config.file=${folder}/prometheus.yaml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
  }

  /** Starts one. `targets` are HOST:PORT, `rules` the path of a file of rules. */
  static async start(targets: readonly string[], { rules }: { rules: string }): Promise<Prometheus> {
    const folder = await Deno.makeTempDir({ prefix: "prometheus-" });
    const lines = [
      "global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }",
      `rule_files: [${JSON.stringify(rules)}]`,
      "scrape_configs:",
      `  - { job_name: haarlem, static_configs: [{ targets: ${JSON.stringify(targets)} }] }`,
    ];
    await Deno.writeTextFile(`${folder}/prometheus.yaml`, lines.join("\n") + "\n");
    const prometheus = new Prometheus(freePort(), folder);
    await prometheus.start();
    await until(() => prometheus.#isReady(), "Prometheus is ready"); // It listens before.
    return prometheus;
  }

  /** The samples that a query gives now. Throws when Prometheus refuses it. */
  async query(query: string): Promise<readonly Sample[]> {
    const { result } = await this.#get<{ result: Sample[] }>(`query?query=${encodeURIComponent(query)}`);
    return result;
  }

  async rules(): Promise<readonly Rule[]> {
    const { groups } = await this.#get<{ groups: { rules: Rule[] }[] }>("rules");
    return groups.flatMap(({ rules }) => rules);
  }

  /** Why targets could not be read. */
  async scrapeErrors(): Promise<readonly string[]> {
    const { activeTargets } = await this.#get<{ activeTargets: { lastError: string }[] }>("targets");
    return activeTargets.map(({ lastError }) => lastError).filter(Boolean);
  }

  async #isReady(): Promise<boolean> {
    const { ok, body } = await fetch(`http://127.0.0.1:${this.port}/-/ready`);
    await body?.cancel();
    return ok;
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.port}/api/v1/${path}`);
    const { status, error, data } = await response.json();
    assert.equal(status, "success", `${path}: ${error}`);
    return data;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}
