import { actorId, createPrng, publicKey, type Stamp } from "@dunlin/core/base";
import { Document, type Transaction, textPlugin } from "@dunlin/core/crdt";
import type { HostState } from "@dunlin/runtime";
import { describe, expect, it } from "vitest";
import { createMemoryState } from "../../../runtime/src/testing/memory-state.ts";
import { ApplicationState } from "./application-state.ts";

const noCells = { get: () => undefined, range: () => [] };
const KEYS = ["a", "b", "c"] as const;

/** One operation each, and what it shows. */
const OPERATIONS: readonly ((state: HostState, key: string, number: number) => unknown)[] = [
  (state, key, number) => {
    const values = state.field("map", "values");
    state.mapSet(values, key, [number]);
    return [state.mapGet(values, key), state.mapKeys(values), state.mapSize(values)];
  },
  (state, key) => {
    const values = state.field("map", "values");
    state.mapDelete(values, key);
    return [state.mapHas(values, key), state.mapGet(values, key), state.mapKeys(values)];
  },
  (state, key, number) => {
    const counters = state.field("map", "counters");
    const counter = state.child(counters, key, "counter");
    state.counterAdd(counter, number);
    return [state.counterValue(counter), state.mapKeys(counters)];
  },
  (state, key) => {
    const nested = state.peek(state.field("map", "counters"), key, "counter");
    return nested === undefined ? undefined : state.counterValue(nested);
  },
  (state, _key, number) => {
    const register = state.field("register", "register");
    state.registerSet(register, `${number}`);
    return state.registerGet(register);
  },
  (state, _key, number) => {
    const set = state.field("set", "set");
    state.setAdd(set, number);
    return [state.setHas(set, number), state.setSize(set), state.setValues(set).toSorted()];
  },
  (state, _key, number) => {
    const set = state.field("set", "set");
    state.setRemove(set, number);
    return [state.setHas(set, number), state.setSize(set)];
  },
  (state, key, number) => {
    const text = state.field("text", "text");
    const length = state.textLength(text);
    state.textInsert(text, Math.min(number, length), key);
    if (length > 4) state.textDelete(text, Math.max(number - 1, 0), 2);
    return [state.textToString(text), state.textLength(text), state.textSlice(text, 0, 2)];
  },
];

function begin(document: Document, stamp: number): Transaction {
  const actor = actorId(new Uint8Array(16).fill(1));
  return document.begin({ stamp: stamp as Stamp, actor, member: publicKey(new Uint8Array(32).fill(1)) });
}

describe("ApplicationState", () => {
  it("does to a document what the naive state does, call after call", () => {
    const prng = createPrng(20261121);
    const document = new Document(noCells, textPlugin);
    const naive = createMemoryState();
    for (let call = 1; call <= 200; call++) {
      const transaction = begin(document, call * 1024);
      const states = [new ApplicationState(transaction, true), naive];
      for (let i = 0; i < 10; i++) {
        const key = prng.pick(KEYS);
        const number = prng.below(5);
        const at = prng.below(OPERATIONS.length);
        const seen = states.map((state) => OPERATIONS[at]?.(state, key, number));
        expect(seen[0], `call ${call}, operation ${i}, kind ${at}`).toEqual(seen[1]);
      }
      transaction.commit();
    }
    const query = new ApplicationState(document, false);
    expect(query.textToString(query.field("text", "text"))).toBe(naive.textToString(naive.field("text", "text")));
  });

  it("never lets a query write", () => {
    const query = new ApplicationState(new Document(noCells, textPlugin), false);
    expect(() => query.counterAdd(query.field("counter", "hits"), 1)).toThrow(/a query never writes/);
  });
});
