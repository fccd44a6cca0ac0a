/** What the cases of the acceptance suite are made of, and the helpers that they share. */
import { type KeyValueStore, runLoaded, StoreFailure, type WriteOperation } from "@dunlin/core/base";

/** One empty store, and what the suite may do to it beyond the port. Those named in `supports` must be there. */
export interface StoreUnderTest {
  readonly store: KeyValueStore;
  /** Closes the store and opens what it left. */
  readonly reopen?: () => Promise<KeyValueStore>;
  /** Makes every flush from now on fail. */
  readonly failFlushes?: () => void;
  /** Holds flushes back until the returned function is called. */
  readonly holdFlushes?: () => () => void;
  /** How many flushes there were. */
  readonly flushCount?: () => number;
  /** Removes what the test left behind, after the store was closed. */
  readonly cleanUp?: () => Promise<void>;
}

/** What a store under test may offer beyond the port. */
export type StoreAbility = "reopen" | "failFlushes" | "holdFlushes" | "flushCount";

/** A test: what it shows, the steps, which get a fresh store, and the ability without which it makes no sense. */
export type StoreCase = readonly [
  name: string,
  body: (under: StoreUnderTest, check: Check) => Promise<void>,
  needs?: StoreAbility,
];
/** Fails the test unless the two are equal in depth. */
export type Check = (actual: unknown, expected: unknown) => void;

export function put(key: readonly number[], ...value: readonly number[]): WriteOperation {
  return { kind: "put", key: Uint8Array.from(key), value: Uint8Array.from(value) };
}

export function remove(...key: readonly number[]): WriteOperation {
  return { kind: "delete", key: Uint8Array.from(key) };
}

export async function read(store: KeyValueStore, ...key: readonly number[]): Promise<number[] | undefined> {
  const value = await runLoaded(store, () => store.get(Uint8Array.from(key)));
  return value && [...value];
}

export interface Scan {
  readonly gte?: readonly number[];
  readonly lt?: readonly number[];
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** A range as plain arrays; of everything when no bounds are given. */
export async function scan(store: KeyValueStore, options: Scan = {}): Promise<(readonly [number[], number[]])[]> {
  const { gte = [], lt = [255, 255, 255, 255], ...rest } = options;
  return runLoaded(store, () => {
    const entries = store.range({ gte: Uint8Array.from(gte), lt: Uint8Array.from(lt), ...rest });
    return Array.from(entries, ([key, value]) => [[...key], [...value]] as const);
  });
}

/** The code of the `StoreFailure` that a call ends in; undefined when it ends well. */
export async function failureCode(call: () => unknown): Promise<string | undefined> {
  try {
    await call();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof StoreFailure) return thrown.code;
    throw thrown;
  }
}
