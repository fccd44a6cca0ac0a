import { expect, it } from "vitest";
import { createPrng } from "../base/index.ts";
import { ManyByKey } from "./many-by-key.ts";

it("values by key are those that were added and not taken out, as sets by key would have it", () => {
  const prng = createPrng(3);
  const [many, model] = [new ManyByKey<object>(), new Map<string, Set<object>>()];
  const values = Array.from({ length: 5 }, (_, i) => ({ i }));
  for (let step = 0; step < 5000; step++) {
    const [key, value] = [`k${prng.below(4)}`, prng.pick(values)];
    const known = model.get(key) ?? new Set();
    expect([...many.get(key)]).toEqual([...known]);
    if (prng.chance(0.1)) {
      expect([...many.take(key)]).toEqual([...known]);
      model.delete(key);
    } else if (prng.chance(0.5)) {
      many.add(key, value);
      model.set(key, known.add(value));
    } else {
      many.delete(key, value);
      known.delete(value);
    }
  }
});
