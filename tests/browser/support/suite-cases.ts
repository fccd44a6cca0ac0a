/** The store suite's cases by name: for Node, which lists them, and for the page, which runs them. */
import { keyValueStoreSuite, type StoreUnderTest } from "@dunlin/store/testing";

export function collectCases(open: () => Promise<StoreUnderTest>): ReadonlyMap<string, () => Promise<void>> {
  const cases = new Map<string, () => Promise<void>>();
  const supports = ["reopen", "flushCount", "holdFlushes", "failFlushes"] as const;
  keyValueStoreSuite(
    { name: "IndexedDB", supports, open },
    {
      describe: (_, body) => body(),
      it: (name, body) => cases.set(name, body),
      expect: (actual) => ({ toEqual: (expected) => assertEqual(actual, expected) }),
    },
  );
  return cases;
}

/** The suite compares plain values and arrays of them. */
function assertEqual(actual: unknown, expected: unknown): void {
  const [found, wanted] = [textOf(actual), textOf(expected)];
  if (found !== wanted) throw new Error(`expected ${wanted}, found ${found}`);
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_, each) => (each === undefined ? "<undefined>" : each)) ?? "<undefined>";
}
