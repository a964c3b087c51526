/** The searches of a detector, one after the other: settings that change while it runs begin a new one. */
import type { HomeAssistant, Round } from "./home_assistant.ts";
import type { Search } from "./search.ts";

/** How rounds are searched. */
export interface RoundOptions<S> {
  readonly signal: AbortSignal;
  /** The search of the first round, where that one begins at once. */
  readonly opening: Promise<Search> | undefined;
  /** Opens the search of a later round. */
  readonly open: (settings: S) => Promise<Search>;
  /** Searches until the signal of the round is aborted, or the input ends. */
  readonly run: (search: Search, round: Round<S>) => Promise<void>;
}

/** Runs all rounds. Throws what opening or running a search throws, unless it can be repeated with other settings. */
export async function searchRounds<S>(
  home: Pick<HomeAssistant<S>, "rounds" | "recover">,
  { signal, opening, open, run }: RoundOptions<S>,
): Promise<void> {
  let next = opening;
  for await (const round of home.rounds({ signal })) {
    try {
      await using search = await (next ?? open(round.settings));
      await run(search, round);
    } catch (error) {
      if (!await home.recover(error)) throw error;
    }
    next = undefined;
  }
}
