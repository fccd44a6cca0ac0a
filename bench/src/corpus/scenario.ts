/**
 * What a module that exports `set`, `get` and `remove` is put through on two nodes and a third that joins late: inserts,
 * updates, concurrent writes of one key and of two, removals by author and by receiver. After each step all values and
 * both roots must be equal on all nodes.
 */
import { call, converge, joinContext, type Node, unwrap } from "./nodes.ts";

export const SCENARIO_METHODS: readonly string[] = ["set", "get", "remove"];

const KEYS: readonly string[] = ["a", "b", "c", "both", "left", "right"];

export async function runScenario(
  contextId: string,
  [first, second, late]: readonly [Node, Node, Node],
): Promise<void> {
  const pair = [first, second];
  const set = (node: Node, key: string, value: string): Promise<unknown> =>
    call(node, contextId, "set", { key, value });
  await set(first, "a", "1");
  await set(first, "b", "1");
  await joinContext(contextId, first, second);
  await same("after the join", contextId, pair, { a: "1", b: "1" });
  await set(second, "a", "2");
  await set(second, "c", "1");
  await same("after an update and an insert", contextId, pair, { a: "2", b: "1", c: "1" });
  await Promise.all([set(first, "both", "one"), set(second, "both", "two")]);
  await Promise.all([set(first, "left", "1"), set(second, "right", "1")]);
  await same("after concurrent writes", contextId, pair, { a: "2", left: "1", right: "1" });
  await call(first, contextId, "remove", { key: "b" });
  await same("after a removal", contextId, pair, { a: "2", b: null });
  await call(second, contextId, "remove", { key: "a" });
  await same("after a removal by the other", contextId, pair, { a: null, b: null, c: "1" });
  await joinContext(contextId, first, late);
  await set(late, "c", "3");
  await same("after a late join", contextId, [first, second, late], {
    a: null,
    b: null,
    c: "3",
    left: "1",
    right: "1",
  });
}

async function same(
  when: string,
  contextId: string,
  nodes: readonly Node[],
  expected: Readonly<Record<string, string | null>>,
): Promise<void> {
  await converge(contextId, nodes);
  const seen = await Promise.all(nodes.map((node) => look(node, contextId)));
  const [one, ...others] = seen.map((view) => JSON.stringify(view));
  for (const other of others) {
    if (other !== one) throw new Error(`${when}, nodes differ: ${one} and ${other}`);
  }
  const values = seen[0]?.values ?? {};
  for (const [key, value] of Object.entries(expected)) {
    if (values[key] !== value) throw new Error(`${when}, ${key} is ${values[key]} and not ${value}`);
  }
}

interface View {
  readonly values: Readonly<Record<string, unknown>>;
  readonly root: string;
  readonly guestRoot: string | undefined;
}

async function look(node: Node, contextId: string): Promise<View> {
  const values: Record<string, unknown> = {};
  for (const key of KEYS) values[key] = unwrapped(await call(node, contextId, "get", { key }));
  const { rootHash, guestRoot } = unwrap("context", await node.context(contextId));
  return { values, root: rootHash, guestRoot };
}

/** Some applications return JSON within a text: the text or the null in it. */
function unwrapped(value: unknown): unknown {
  return typeof value === "string" && /^(".*"|null)$/s.test(value) ? JSON.parse(value) : value;
}
