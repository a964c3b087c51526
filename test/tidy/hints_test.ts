/** Every hint, the text behind `Try:`, is an imperative. */
import assert from "node:assert/strict";
import { typeScript } from "./sources.ts";

const VERBS = new Set(
  ("add allow build check convert create decrypt disable download end enable free give install let look lower make mount move name " +
    "omit open ping plug point put raise record remove rename renew repair replace report restart run save send set sign " +
    "start stop switch update upgrade use wait write").split(" "),
);

/** Errors whose second argument is a hint. */
const ERRORS = new Set(["ConfigError", "FatalError", "NotInstalledError"]);
/** Names of variables and functions that hold or return a hint. */
const HINT = /(^|_)(hint|install|remedy)$/i;

type Node = Deno.lint.Node;

/** The beginnings of the hints in a source: of each literal up to what is put into it. */
function hintsIn(path: string, source: string): string[] {
  const hints: string[] = [];
  const rules = {
    hints: {
      create(): Deno.lint.LintVisitor {
        const constants = new Map<string, Node>();
        const wanted: Node[] = [];
        /** Functions of this file with a parameter called `hint`, by its position. */
        const takers = new Map<string, number>();
        const calls: Deno.lint.CallExpression[] = [];
        const functionOf = (name: string, parameters: readonly Node[]) => {
          const at = parameters.findIndex((one) => nameOf(one) === "hint");
          if (at >= 0) takers.set(name, at);
          for (const one of parameters) {
            if (one.type === "AssignmentPattern" && nameOf(one) === "hint") wanted.push(one.right);
          }
        };
        const read = (node: Node | null | undefined, depth = 0): void => {
          if (!node || depth > 5) return;
          if (node.type === "Literal" && typeof node.value === "string") hints.push(node.value);
          else if (node.type === "TemplateLiteral") hints.push(node.quasis[0].cooked || "${…}");
          else if (node.type === "BinaryExpression") read(node.left, depth);
          else if (node.type === "ConditionalExpression") {
            read(node.consequent, depth);
            read(node.alternate, depth);
          } else if (node.type === "LogicalExpression") {
            if (node.operator !== "&&") read(node.left, depth);
            read(node.right, depth);
          } else if (node.type === "ArrowFunctionExpression") read(node.body, depth);
          else if (node.type === "Identifier") read(constants.get(node.name), depth + 1);
          else if (node.type === "CallExpression") read(node.callee, depth + 1);
          else if (node.type === "MemberExpression" && node.object.type === "ArrayExpression") {
            node.object.elements.forEach((element) => read(element, depth));
          }
        };
        return {
          VariableDeclarator(node) {
            const name = nameOf(node.id);
            if (!name || !node.init) return;
            constants.set(name, node.init);
            if (HINT.test(name)) wanted.push(node.init);
            if (node.init.type === "ArrowFunctionExpression") functionOf(name, node.init.params as Node[]);
          },
          FunctionDeclaration(node) {
            if (node.id) functionOf(node.id.name, node.params as Node[]);
          },
          Property(node) {
            const name = nameOf(node.key);
            if (name && HINT.test(name)) wanted.push(node.value);
          },
          NewExpression(node) {
            if (ERRORS.has(nameOf(node.callee) ?? "")) wanted.push(node.arguments[1]);
          },
          CallExpression(node) {
            calls.push(node);
          },
          "Program:exit"() {
            for (const call of calls) {
              if (isHintsAdd(call.callee)) wanted.push(call.arguments[0]);
              const at = takers.get(nameOf(call.callee) ?? "");
              if (at !== undefined) wanted.push(call.arguments[at]);
            }
            wanted.forEach((node) => read(node));
          },
        };
      },
    },
  };
  Deno.lint.runPlugin({ name: "haarlem", rules }, path, source);
  // Other texts contain the word `Try:` themselves.
  for (const [, hint] of source.matchAll(/\bTry: (?!\$\{)(.*)/gi)) hints.push(hint);
  return hints;
}

function nameOf(node: Node): string | undefined {
  if (node.type === "Identifier") return node.name;
  return node.type === "AssignmentPattern" ? nameOf(node.left) : undefined;
}

/** `hints.add(…)` */
function isHintsAdd(node: Node): boolean {
  return node.type === "MemberExpression" && nameOf(node.object) === "hints" &&
    nameOf(node.property) === "add";
}

const isImperative = (hint: string) => VERBS.has(/^[a-z]+(?=[ :])/.exec(hint)?.[0] ?? "");

Deno.test("every hint in lib and workers begins with a verb", () => {
  const wrong: string[] = [];
  let count = 0;
  for (const { path, text } of typeScript("lib", "workers")) {
    if (path.endsWith("_test.ts")) continue;
    const hints = hintsIn(path, text);
    count += hints.length;
    wrong.push(...hints.filter((hint) => !isImperative(hint)).map((hint) => `${path}: ${hint}`));
  }
  assert.deepEqual(wrong, []);
  assert.ok(count > 150, `${count} hints were found`);
});

Deno.test("hints are found wherever they stand", () => {
  const found = hintsIn(
    "x.ts",
    `const FIRST = "a";
    const wrong = (what: string, hint = "b") => new ConfigError(what, hint);
    throw new FatalError("x", isSet ? FIRST : \`c \${x}\`);
    wrong("x", "d" + e);
    const causes = [{ hint: (name) => \`f \${name}\` }, { what: "x", hint: "g" }];
    hints.add("i");
    const text = "x. Try: h";`,
  );
  assert.deepEqual(found.map((hint) => hint[0]).sort(), ["a", "b", "c", "d", "f", "g", "h", "i"]);
});
