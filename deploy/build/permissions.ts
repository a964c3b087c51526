/** The union of permission sets of deno.json. */

/** The permission for one kind of access: all, none, or a list. */
type Grant = boolean | readonly string[] | { readonly allow: readonly string[]; readonly ignore?: boolean };
export type PermissionSet = Readonly<Record<string, Grant>>;

/** A set that allows what at least one of the sets allows. */
export function union(sets: readonly PermissionSet[]): PermissionSet {
  const kinds = new Set(sets.flatMap((set) => Object.keys(set)));
  return Object.fromEntries(Array.from(kinds, (kind) => [
    kind,
    sets.map((set) => set[kind]).filter((grant) => grant !== undefined).reduce(either),
  ]));
}

function either(a: Grant, b: Grant): Grant {
  if (a === true || b === true) return true;
  const [some, others] = [listOf(a), listOf(b)];
  const allow = [...new Set([...some.allow, ...others.allow])];
  return some.ignore || others.ignore ? { allow, ignore: true } : allow;
}

function listOf(grant: Grant): { allow: readonly string[]; ignore?: boolean } {
  if (typeof grant === "boolean") return { allow: [] };
  return Array.isArray(grant) ? { allow: grant } : grant as { allow: readonly string[]; ignore?: boolean };
}
