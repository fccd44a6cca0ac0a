import { describe, expect, it } from "vitest";
import { type KeyValueStore, Miss, runLoaded } from "./key-value.ts";

/** Loads whatever is asked, and says what that was. */
function createLoader(): Pick<KeyValueStore, "load"> & { readonly loaded: Set<number> } {
  const loaded = new Set<number>();
  return {
    loaded,
    load: async ({ range }) => {
      await Promise.resolve();
      loaded.add(range.gte[0] ?? 0);
    },
  };
}

const miss = (at: number): Miss => new Miss({ gte: Uint8Array.of(at), lt: Uint8Array.of(at + 1) });

describe("runLoaded", () => {
  it("answers at once, without a promise, when nothing is missing", () => {
    expect(runLoaded(createLoader(), () => 7)).toBe(7);
  });

  it("loads what is missing and runs again, until all is there", async () => {
    const loader = createLoader();
    let runs = 0;
    const result = await runLoaded(loader, () => {
      runs++;
      for (const at of [1, 2, 3]) if (!loader.loaded.has(at)) throw miss(at);
      return "done";
    });
    expect([result, runs, [...loader.loaded]]).toEqual(["done", 4, [1, 2, 3]]);
  });

  it("passes other errors on, from the first run and from later ones", async () => {
    const loader = createLoader();
    const failing = (): never => {
      throw new RangeError("mine");
    };
    expect(() => runLoaded(loader, failing)).toThrow(RangeError);
    const later = runLoaded(loader, () => (loader.loaded.has(1) ? failing() : raise(miss(1))));
    await expect(later).rejects.toThrow("mine");
  });

  it("passes the error of a load on", async () => {
    const load = (): Promise<void> => Promise.reject(new RangeError("no page"));
    await expect(runLoaded({ load }, () => raise(miss(1)))).rejects.toThrow("no page");
  });

  it("gives up on pages that do not stay loaded", async () => {
    const run = runLoaded(createLoader(), () => raise(miss(1)));
    await expect(run).rejects.toThrow("missed 1000 times");
  });
});

function raise(thrown: unknown): never {
  throw thrown;
}
