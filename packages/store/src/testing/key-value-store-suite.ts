/**
 * The acceptance suite of the key-value store port: every store runs it, and one that passes may stand behind a node.
 * The test functions come in as parameters, so that it runs under any test runner with these three.
 *
 * All reads go through `runLoaded`, so stores whose reads may throw a `Miss` pass it as well.
 */
import { durabilityCases } from "./durability-cases.ts";
import { orderingCases } from "./ordering-cases.ts";
import type { Check, StoreAbility, StoreUnderTest } from "./store-case.ts";

export interface TestFunctions {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
  expect(actual: unknown): { toEqual(expected: unknown): void };
}

export interface StoreSuiteOptions {
  readonly name: string;
  readonly open: () => Promise<StoreUnderTest>;
  /** What `open` gives beyond the store itself; cases that need more are left out. */
  readonly supports: readonly StoreAbility[];
}

export function keyValueStoreSuite(options: StoreSuiteOptions, { describe, it, expect }: TestFunctions): void {
  const check: Check = (actual, expected) => expect(actual).toEqual(expected);
  describe(`${options.name} as a key-value store`, () => {
    for (const [name, body, needs] of [...orderingCases, ...durabilityCases]) {
      if (needs !== undefined && !options.supports.includes(needs)) continue;
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
