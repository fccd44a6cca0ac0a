import { actorId, createPrng, publicKey, type Stamp } from "@dunlin/core/base";
import { Document, type Transaction } from "@dunlin/core/crdt";
import type { HostState } from "@dunlin/runtime";
import { describe, expect, it } from "vitest";
import { ApplicationState } from "./application-state.ts";

const noCells = { get: () => undefined, range: () => [] };
const KEYS = ["a", "b", "c"] as const;

/** The same state as plain data. */
const createModel = () => ({
  values: new Map<string, number[]>(),
  counters: new Map<string, number>(),
  set: new Set<number>(),
  text: "",
});
type Model = ReturnType<typeof createModel>;

/** One operation each: what the state shows after it, and what it must show. */
const OPERATIONS: readonly ((state: HostState, model: Model, key: string, number: number) => [unknown, unknown])[] = [
  (state, { values }, key, number) => {
    const map = state.field("map", "values");
    state.mapSet(map, key, [number]);
    values.set(key, [number]);
    return [
      [state.mapGet(map, key), state.mapKeys(map), state.mapSize(map)],
      [[number], [...values.keys()].sort(), values.size],
    ];
  },
  (state, { values }, key) => {
    const map = state.field("map", "values");
    state.mapDelete(map, key);
    values.delete(key);
    return [
      [state.mapHas(map, key), state.mapGet(map, key), state.mapKeys(map)],
      [false, undefined, [...values.keys()].sort()],
    ];
  },
  (state, { counters }, key, number) => {
    const map = state.field("map", "counters");
    state.counterAdd(state.child(map, key, "counter"), number);
    counters.set(key, (counters.get(key) ?? 0) + number);
    return [state.mapKeys(map), [...counters.keys()].sort()];
  },
  (state, { counters }, key) => {
    const nested = state.peek(state.field("map", "counters"), key, "counter");
    return [nested === undefined ? undefined : state.counterValue(nested), counters.get(key)];
  },
  (state, _model, _key, number) => {
    const register = state.field("register", "register");
    state.registerSet(register, `${number}`);
    return [state.registerGet(register), `${number}`];
  },
  (state, model, _key, number) => {
    const set = state.field("set", "set");
    state.setAdd(set, number);
    model.set.add(number);
    return [
      [state.setHas(set, number), state.setSize(set), state.setValues(set).toSorted()],
      [true, model.set.size, [...model.set].sort()],
    ];
  },
  (state, model, _key, number) => {
    const set = state.field("set", "set");
    state.setRemove(set, number);
    model.set.delete(number);
    return [
      [state.setHas(set, number), state.setSize(set)],
      [false, model.set.size],
    ];
  },
  (state, model, key, number) => {
    const text = state.field("text", "text");
    const at = Math.min(number, model.text.length);
    state.textInsert(text, at, key);
    model.text = model.text.slice(0, at) + key + model.text.slice(at);
    if (model.text.length > 4) {
      state.textDelete(text, 1, 2);
      model.text = model.text.slice(0, 1) + model.text.slice(3);
    }
    return [
      [state.textToString(text), state.textLength(text), state.textSlice(text, 0, 2)],
      [model.text, model.text.length, model.text.slice(0, 2)],
    ];
  },
];

function begin(document: Document, stamp: number): Transaction {
  const actor = actorId(new Uint8Array(16).fill(1));
  return document.begin({ stamp: stamp as Stamp, actor, member: publicKey(new Uint8Array(32).fill(1)) });
}

describe("ApplicationState", () => {
  it("shows what plain data would, call after call", () => {
    const prng = createPrng(20261121);
    const document = new Document(noCells);
    const model = createModel();
    for (let call = 1; call <= 200; call++) {
      const transaction = begin(document, call * 1024);
      const state = new ApplicationState(transaction, true);
      for (let i = 0; i < 10; i++) {
        const key = prng.pick(KEYS);
        const number = prng.below(5);
        const at = prng.below(OPERATIONS.length);
        const [seen, expected] = OPERATIONS[at]?.(state, model, key, number) ?? [];
        expect(seen, `call ${call}, step ${i}, operation ${at}`).toEqual(expected);
      }
      transaction.commit();
    }
    const query = new ApplicationState(document, false);
    expect(query.textToString(query.field("text", "text"))).toBe(model.text);
  });

  it("never lets a query write", () => {
    const query = new ApplicationState(new Document(noCells), false);
    expect(() => query.counterAdd(query.field("counter", "hits"), 1)).toThrow(/a query never writes/);
  });
});
