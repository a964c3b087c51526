/** Topic filters with wildcards (MQTT 3.1.1, section 4.7). */

/** Whether a topic matches a filter: `+` stands for one level, `#` at the end for all further ones. */
export function matchesFilter(topic: string, filter: string): boolean {
  if (topic === filter) return true;
  if (topic.startsWith("$") && !filter.startsWith("$")) return false;
  const [levels, patterns] = [topic.split("/"), filter.split("/")];
  if (patterns.at(-1) === "#") return matchesAll(levels, patterns.slice(0, -1));
  return levels.length === patterns.length && matchesAll(levels, patterns);
}

function matchesAll(levels: readonly string[], patterns: readonly string[]): boolean {
  return levels.length >= patterns.length &&
    patterns.every((pattern, index) => pattern === "+" || pattern === levels[index]);
}
