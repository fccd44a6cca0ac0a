/**
 * The acceptance suite of the key-value store port: every store runs it, and one that passes may stand behind a node.
 * The test functions come in as parameters, so that it runs under any test runner with these three.
 *
 * All reads go through `runLoaded`, so stores whose reads may throw a `Miss` pass it as well.
 */
import { type KeyValueStore, runLoaded, StoreFailure, type WriteOperation } from "@dunlin/core/base";
import { durabilityCases } from "./durability-cases.ts";
import { orderingCases } from "./ordering-cases.ts";

export interface TestFunctions {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
  expect(actual: unknown): { toEqual(expected: unknown): void };
}

/** One empty store, and what the suite may do to it beyond the port. Each function that is there adds tests. */
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

export interface StoreSuiteOptions {
  readonly name: string;
  readonly open: () => Promise<StoreUnderTest>;
}

/** A test: what it shows, and the steps, which get a fresh store. */
export type StoreCase = readonly [name: string, body: (under: StoreUnderTest, check: Check) => Promise<void>];
/** Fails the test unless the two are equal in depth. */
export type Check = (actual: unknown, expected: unknown) => void;

export function keyValueStoreSuite(options: StoreSuiteOptions, { describe, it, expect }: TestFunctions): void {
  const check: Check = (actual, expected) => expect(actual).toEqual(expected);
  describe(`${options.name} as a key-value store`, () => {
    for (const [name, body] of [...orderingCases, ...durabilityCases]) {
      it(name, async () => {
        const under = await options.open();
        try {
          await body(under, check);
        } finally {
          await under.store[Symbol.asyncDispose]();
          await under.cleanUp?.();
        }
      });
    }
  });
}

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
