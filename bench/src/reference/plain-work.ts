/**
 * The work of the leptos-sync-core 0.3 benchmarks over the plain port, part for part what each times: what is made
 * before the clock starts, what within, and what stays from one round to the next. JavaScript strings are shared where
 * Rust copies them; that advantage is the platform's, and both sides of a comparison here have it.
 */
import { check, checkedWork, keep, type Work } from "../measure.ts";
import { PlainCounter, PlainMap, PlainRegister, plainReplica } from "./plain-crdt.ts";

export const REFERENCE_NAME = "plain JS";

/** A loop that does nothing but count: what any other row contains of it, and the whole of the original's "get". */
export function countInLoop(count: number): Work {
  let turns = 0;
  return checkedWork(`empty loop x${count}`, () => ({
    run: () => {
      for (let i = 0; i < count; i++) turns = i;
      keep(turns);
    },
    verify: () => check(turns === count - 1, `${count} turns`),
  }));
}

/** Each register draws an id of its own, builds its value, reads the clock, and is dropped. */
export function createRegisters(count: number): Work {
  let last: PlainRegister<string> | undefined;
  return checkedWork(`register create x${count}`, () => ({
    run: () => {
      for (let i = 0; i < count; i++) {
        last = new PlainRegister(`value_${i}`, Date.now(), plainReplica());
        keep(last);
      }
    },
    verify: () => check(last?.value === `value_${count - 1}`, `${count} registers`),
  }));
}

/** A copy of the first register takes in the others, each later than the one before. */
export function mergeRegisters(count: number): Work {
  return checkedWork(`register merge x${count}`, () => {
    const start = Date.now();
    const registers = Array.from(
      { length: count },
      (_, i) => new PlainRegister(`value_${i}`, start + i, plainReplica()),
    );
    let result: PlainRegister<string> | undefined;
    return {
      run: () => {
        result = (registers[0] as PlainRegister<string>).clone();
        for (let i = 1; i < count; i++) result.merge(registers[i] as PlainRegister<string>);
        keep(result);
      },
      verify: () => check(result?.value === `value_${count - 1}`, "the last register has won"),
    };
  });
}

/** One counter with one replica, which keeps growing. */
export function incrementCounter(count: number): Work {
  return checkedWork(`counter increment x${count}`, () => {
    const counter = new PlainCounter();
    const replica = plainReplica();
    let rounds = 0;
    return {
      run: () => {
        for (let i = 0; i < count; i++) counter.increment(replica);
        rounds++;
        keep(counter);
      },
      verify: () => check(counter.value() === rounds * count, `${rounds * count} increments`),
    };
  });
}

/** A new counter each round. */
export function fillCounter(count: number): Work {
  return checkedWork(`counter fill x${count}`, () => {
    let counter = new PlainCounter();
    return {
      run: () => {
        counter = new PlainCounter();
        const replica = plainReplica();
        for (let i = 0; i < count; i++) counter.increment(replica);
        keep(counter);
      },
      verify: () => check(counter.value() === count, `${count} increments`),
    };
  });
}

/** One map that is kept: after the first round every insert overwrites. */
export function insertIntoMap(count: number): Work {
  return checkedWork(`map insert x${count}`, () => {
    const map = new PlainMap<string>();
    const replica = plainReplica();
    return {
      run: () => {
        for (let i = 0; i < count; i++) map.insert(`key_${i}`, `value_${i}`, replica);
        keep(map);
      },
      verify: () => check(map.registers.size === count, `${count} entries`),
    };
  });
}

/** Reads every key of a filled map, building the key each time. */
export function getFromMap(count: number): Work {
  return checkedWork(`map get x${count}`, () => {
    const map = filledMap(count);
    let last: string | undefined;
    return {
      run: () => {
        for (let i = 0; i < count; i++) {
          last = map.get(`key_${i}`);
          keep(last);
        }
      },
      verify: () => check(last === `value_${count - 1}`, "the last key was read"),
    };
  });
}

/** Copies a map and takes in another with the same keys, all later. */
export function mergeMaps(count: number): Work {
  return checkedWork(`map merge x${count}`, () => {
    const [left, right] = [filledMap(count), filledMap(count)];
    for (const register of right.registers.values()) register.stampMs += 1000;
    let copy = left;
    return {
      run: () => {
        copy = left.clone();
        copy.merge(right);
        keep(copy);
      },
      verify: () =>
        check(copy.registers.get("key_0")?.stampMs === right.registers.get("key_0")?.stampMs, "the later won"),
    };
  });
}

/** A new map each round, which grows. */
export function fillMap(count: number): Work {
  let map = new PlainMap<string>();
  return checkedWork(`map fill x${count}`, () => ({
    run: () => {
      map = filledMap(count);
      keep(map);
    },
    verify: () => check(map.registers.size === count, `${count} entries`),
  }));
}

/** A new store each round takes documents: the original never touches a disk. */
export function setDocuments(count: number): Work {
  let store = new Map<string, PlainDocument>();
  return checkedWork(`storage set x${count}`, () => ({
    run: () => {
      store = plainDocuments(count);
      keep(store);
    },
    verify: () => check(store.size === count, `${count} documents`),
  }));
}

export function getDocuments(count: number): Work {
  return checkedWork(`storage get x${count}`, () => {
    const store = plainDocuments(count);
    let last: PlainDocument | undefined;
    return {
      run: () => {
        for (let i = 0; i < count; i++) {
          last = store.get(`key_${i}`);
          keep(last);
        }
      },
      verify: () => check(last?.id === `doc_${count - 1}`, "the last document was read"),
    };
  });
}

export interface PlainDocument {
  readonly id: string;
  readonly title: string;
  readonly content: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly version: number;
}

function plainDocuments(count: number): Map<string, PlainDocument> {
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
