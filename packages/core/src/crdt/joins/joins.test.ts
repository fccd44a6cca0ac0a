import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { type ActorId, containerId, createPrng, must, type Prng, STAMP_MAX, type Stamp } from "../../base/index.ts";
import type { Seen } from "../cells/by-actor.ts";
import { createSetEntry } from "../cells/set-element.ts";
import { CONTAINER_TYPES } from "../container-type.ts";
import { COUNTER_SUM_MAX, ENTRY_KEY_BYTES_MAX, FIELD_NAME_BYTES_MAX, JOINS_MAX } from "../limits.ts";
import { ListState } from "../list/list-state.ts";
import { actorOf, drawValue, originOf } from "../reference/draw.ts";
import { drawRecordJoins } from "../reference/draw-records.ts";
import { valueToStored } from "../stored.ts";
import type { Anchor } from "../text/anchor.ts";
import { TextState } from "../text/text-state.ts";
import { type ContainerJoins, type ContainerName, decodeJoins, encodeJoins } from "./joins.ts";
import type { ListJoins } from "./list-joins.ts";

const intern = (bytes: Uint8Array): ActorId => bytes.slice() as ActorId;

function drawJoins(prng: Prng): ContainerJoins {
  const joins = drawOwnJoins(prng);
  return joins.type !== "records" && prng.chance(0.2) ? { ...joins, branch: prng.bytes(32) } : joins;
}

function drawOwnJoins(prng: Prng): ContainerJoins {
  const name: ContainerName = prng.chance(0.5) ? prng.pick(["", "todos", "ł"]) : containerId(prng.bytes(32));
  const stored = () => valueToStored(drawValue(prng, 1));
  const type = prng.pick(CONTAINER_TYPES);
  switch (type) {
    case "register":
      return { type, name, joins: { content: prng.chance(0.2) ? undefined : stored() } };
    case "map": {
      const keys = Array.from({ length: 1 + prng.below(3) }, () => prng.pick(["", "a", "key"]));
      const generation = {
        stamp: createSetEntry(actorOf(0), 1 + prng.below(9), 0).added,
        actor: actorOf(prng.below(9)),
      };
      const contents = keys.map(() => (prng.chance(0.3) ? { type: "map" as const, generation } : stored()));
      return { type, name, joins: { keys, contents } };
    }
    case "counter":
      return { type, name, joins: { added: 1 + prng.below(300), subtracted: prng.below(300) } };
    case "set": {
      const removals = () => [1, 2, 3].filter(() => prng.chance(0.4)).map((a) => createSetEntry(actorOf(a), 0, 1 + a));
      const joins = Array.from({ length: 1 + prng.below(3) }, () => ({ element: stored(), removals: removals() }));
      return { type, name, joins };
    }
    case "text":
      return { type, name, joins: drawTextJoins(prng) };
    case "records":
      return { type, name, joins: drawRecordJoins(prng) };
    case "first-register":
      return { type, name, joins: { content: stored() } };
    case "multi-register": {
      const seen = drawSeen(prng);
      return { type, name, joins: { content: seen.length > 0 && prng.chance(0.3) ? undefined : stored(), seen } };
    }
    case "remove-wins-set": {
      const undone = () => (prng.chance(0.5) ? undefined : drawSeen(prng));
      const joins = Array.from({ length: 1 + prng.below(3) }, () => ({ element: stored(), undone: undone() }));
      return { type, name, joins };
    }
    case "grow-counter":
      return { type, name, joins: { added: 1 + prng.below(300), subtracted: 0 } };
    case "user-entries":
      return { type, name, joins: { content: prng.chance(0.2) ? undefined : stored() } };
    case "log":
      return { type, name, joins: Array.from({ length: 1 + prng.below(3) }, () => prng.bytes(prng.below(5))) };
    case "frozen-entries":
      return { type, name, joins: Array.from({ length: 1 + prng.below(3) }, stored) };
    case "tree": {
      const place = () => ({
        node: prng.pick(["a", "ł"]),
        parent: prng.pick(["", "\0", "b"]),
        position: prng.pick(["V----", "V---3-----"]),
      });
      return { type, name, joins: Array.from({ length: 1 + prng.below(3) }, place) };
    }
    case "list":
      return { type, name, joins: drawListJoins(prng) };
    case "graph": {
      const seen = () => drawSeen(prng).map(({ actor, stamp }) => createSetEntry(actor, 0, stamp));
      const join = () => ({ element: prng.pick(["v", "v\0w\0", "ł\0v\0label"]), removals: seen() });
      return { type, name, joins: Array.from({ length: 1 + prng.below(3) }, join) };
    }
    case "remove-wins-graph": {
      const undone = () => (prng.chance(0.5) ? undefined : drawSeen(prng));
      const join = () => ({ element: prng.pick(["v", "v\0w\0"]), undone: undone() });
      return { type, name, joins: Array.from({ length: 1 + prng.below(3) }, join) };
    }
    case "marks": {
      const anchor = (): Anchor =>
        prng.chance(0.3) ? { at: "end" } : { at: "after", actor: actorOf(prng.below(9)), counter: 1 + prng.below(300) };
      const mark = () => ({ name: "b", from: anchor(), to: anchor(), value: prng.chance(0.3) ? undefined : stored() });
      return { type, name, joins: Array.from({ length: 1 + prng.below(3) }, mark) };
    }
  }
}

function drawTextJoins(prng: Prng): Uint8Array {
  const text = new TextState();
  text.insert(actorOf(1), 0, "others");
  text.takeJoin();
  text.insert(actorOf(2), prng.below(text.length + 1), prng.pick(["a", "żó", "long enough"]));
  text.delete(actorOf(2), prng.below(text.length), 1);
  return must(text.takeJoin(), "it was edited");
}

/** The joins of random edits to a list that others filled. */
function drawListJoins(prng: Prng): ListJoins {
  const list = new ListState();
  for (let actor = 1; actor <= 3; actor++) {
    list.insert(originOf(1, actor), prng.below(list.length + 1), [actor, "two", null]);
    list.takeJoins(actorOf(actor));
  }
  const origin = originOf(2, 1 + prng.below(4));
  list.insert(origin, prng.below(list.length + 1), [valueToStored(drawValue(prng, 1)), 7]);
  if (prng.chance(0.5)) list.set(origin, prng.below(list.length), true);
  if (prng.chance(0.5)) list.move(origin, prng.below(list.length), prng.below(list.length));
  if (prng.chance(0.5)) list.delete(prng.below(list.length - 2), 1 + prng.below(3));
  return must(list.takeJoins(origin.actor), "it was edited");
}

function drawSeen(prng: Prng): Seen[] {
  return [1, 2, 3]
    .filter(() => prng.chance(0.4))
    .map((a) => ({ actor: actorOf(a), stamp: (1 + prng.below(300)) as Stamp }));
}

describe("a joins blob", () => {
  it("decodes only from what it encodes to, whatever the damage", () => {
    const prng = createPrng(21);
    const draw = () => encodeJoins(Array.from({ length: 1 + prng.below(3) }, () => drawJoins(prng)));
    const corpus = Array.from({ length: 300 }, draw);
    const decode = (bytes: Uint8Array) => decodeJoins(bytes, intern);
    const report = fuzzDecoder({ name: "joins", seed: 21, corpus, decode, encode: encodeJoins });
    expect(report.accepted).toBeGreaterThan(300);
  });

  it("is refused above each limit and accepted at it", () => {
    const accepts = (joins: ContainerJoins): boolean => decodeJoins(encodeJoins([joins]), intern) !== undefined;
    const content = 1;
    for (const [over, isAccepted] of [
      [0, true],
      [1, false],
    ] as const) {
      const counts = { added: COUNTER_SUM_MAX + over, subtracted: 0 };
      expect(accepts({ type: "counter", name: "c", joins: counts })).toBe(isAccepted);
      const name = "n".repeat(FIELD_NAME_BYTES_MAX + over);
      expect(accepts({ type: "register", name, joins: { content } })).toBe(isAccepted);
      const key = "k".repeat(ENTRY_KEY_BYTES_MAX + over);
      expect(accepts({ type: "map", name: "m", joins: { keys: [key], contents: [content] } })).toBe(isAccepted);
      const element = "e".repeat(ENTRY_KEY_BYTES_MAX - 3 + over);
      expect(accepts({ type: "set", name: "s", joins: [{ element, removals: [] }] })).toBe(isAccepted);
      expect(accepts({ type: "remove-wins-set", name: "s", joins: [{ element, undone: [] }] })).toBe(isAccepted);
      expect(accepts({ type: "grow-counter", name: "c", joins: counts })).toBe(isAccepted);
      const contents = new Array<null>(JOINS_MAX + over).fill(null);
      expect(accepts({ type: "frozen-entries", name: "f", joins: contents })).toBe(isAccepted);
      const keys = new Array<string>(JOINS_MAX + over).fill("");
      expect(accepts({ type: "map", name: "m", joins: { keys, contents } })).toBe(isAccepted);
    }
  });

  it("is refused when it has no container, no join, another version, or a reference in a register", () => {
    const generation = { stamp: createSetEntry(actorOf(0), 1, 0).added, actor: actorOf(1) };
    const reference = { type: "map" as const, generation };
    const early = { actor: actorOf(1), stamp: 1 as Stamp };
    const late = { actor: actorOf(1), stamp: (STAMP_MAX + 1) as Stamp };
    const malformed = [
      new Uint8Array(0),
      encodeJoins([]),
      Uint8Array.of(2, 1, 3, 0, 1, 0),
      encodeJoins([{ type: "map", name: "m", joins: { keys: [], contents: [] } }]),
      encodeJoins([{ type: "set", name: "s", joins: [] }]),
      encodeJoins([{ type: "counter", name: "c", joins: { added: 0, subtracted: 0 } }]),
      encodeJoins([{ type: "register", name: "r", joins: { content: reference } }]),
      encodeJoins([{ type: "user-entries", name: "u", joins: { content: reference } }]),
      encodeJoins([{ type: "multi-register", name: "m", joins: { content: undefined, seen: [] } }]),
      encodeJoins([{ type: "multi-register", name: "m", joins: { content: 1, seen: [late] } }]),
      encodeJoins([{ type: "multi-register", name: "m", joins: { content: 1, seen: [early, early] } }]),
      encodeJoins([{ type: "remove-wins-set", name: "s", joins: [] }]),
      encodeJoins([{ type: "grow-counter", name: "c", joins: { added: 0, subtracted: 0 } }]),
      encodeJoins([{ type: "frozen-entries", name: "f", joins: [] }]),
    ];
    for (const bytes of malformed) expect(decodeJoins(bytes, intern)).toBeUndefined();
  });
});
