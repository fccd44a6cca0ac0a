/**
 * The work of the leptos-sync-core 0.3 benchmarks over the plain port, part for part what each times: what is made
 * before the clock starts, what within, and what stays from one round to the next. JavaScript strings are shared where
 * Rust copies them; that advantage is the platform's, and both sides of a comparison here have it.
 */
import { keep, type Work } from "../measure.ts";
import { PlainCounter, PlainMap, PlainRegister, plainReplica } from "./plain-crdt.ts";

export const REFERENCE_NAME = "plain JS";

/** Each register draws an id of its own, builds its value, reads the clock, and is dropped. */
export function createRegisters(count: number): Work {
  return {
    name: `register create x${count}`,
    prepare: () => () => {
      for (let i = 0; i < count; i++) keep(new PlainRegister(`value_${i}`, Date.now(), plainReplica()));
    },
  };
}

/** A copy of the first register takes in the others, each later than the one before. */
export function mergeRegisters(count: number): Work {
  return {
    name: `register merge x${count}`,
    prepare: () => {
      const start = Date.now();
      const registers = Array.from(
        { length: count },
        (_, i) => new PlainRegister(`value_${i}`, start + i, plainReplica()),
      );
      return () => {
        const result = (registers[0] as PlainRegister<string>).clone();
        for (let i = 1; i < count; i++) result.merge(registers[i] as PlainRegister<string>);
        keep(result);
      };
    },
  };
}

/** One counter with one replica, which keeps growing. */
export function incrementCounter(count: number): Work {
  return {
    name: `counter increment x${count}`,
    prepare: () => {
      const counter = new PlainCounter();
      const replica = plainReplica();
      return () => {
        for (let i = 0; i < count; i++) counter.increment(replica);
        keep(counter);
      };
    },
  };
}

/** One map that is kept: after the first round every insert overwrites. */
export function insertIntoMap(count: number): Work {
  return {
    name: `map insert x${count}`,
    prepare: () => {
      const map = new PlainMap<string>();
      const replica = plainReplica();
      return () => {
        for (let i = 0; i < count; i++) map.insert(`key_${i}`, `value_${i}`, replica);
        keep(map);
      };
    },
  };
}

/** Reads every key of a filled map, building the key each time. */
export function getFromMap(count: number): Work {
  return {
    name: `map get x${count}`,
    prepare: () => {
      const map = filledMap(count);
      return () => {
        for (let i = 0; i < count; i++) keep(map.get(`key_${i}`));
      };
    },
  };
}

/** Copies a map and takes in another with the same keys, all later. */
export function mergeMaps(count: number): Work {
  return {
    name: `map merge x${count}`,
    prepare: () => {
      const [left, right] = [filledMap(count), filledMap(count)];
      for (const register of right.registers.values()) register.stampMs += 1000;
      return () => {
        const copy = left.clone();
        copy.merge(right);
        keep(copy);
      };
    },
  };
}

/** A new map each round, which grows. */
export function fillMap(count: number): Work {
  return { name: `map fill x${count}`, prepare: () => () => keep(filledMap(count)) };
}

/** A new store each round takes documents: the original never touches a disk. */
export function setDocuments(count: number): Work {
  return { name: `storage set x${count}`, prepare: () => () => keep(documents(count)) };
}

export function getDocuments(count: number): Work {
  return {
    name: `storage get x${count}`,
    prepare: () => {
      const store = documents(count);
      return () => {
        for (let i = 0; i < count; i++) keep(store.get(`key_${i}`));
      };
    },
  };
}

interface PlainDocument {
  readonly id: string;
  readonly title: string;
  readonly content: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly version: number;
}

function documents(count: number): Map<string, PlainDocument> {
  const store = new Map<string, PlainDocument>();
  for (let i = 0; i < count; i++) {
    const document = { id: `doc_${i}`, title: `Title ${i}`, content: `Content ${i}`, metadata: new Map(), version: i };
    store.set(`key_${i}`, document);
  }
  return store;
}

function filledMap(count: number): PlainMap<string> {
  const map = new PlainMap<string>();
  const replica = plainReplica();
  for (let i = 0; i < count; i++) map.insert(`key_${i}`, `value_${i}`, replica);
  return map;
}
