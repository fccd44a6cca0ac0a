import { describe, expect, it } from "vitest";
import { actorId, type ContainerId, containerId, type Stamp } from "../../base/index.ts";
import { Aliases, NOTHING, pairText } from "./aliases.ts";
import { ALIASES_MAX } from "./limits.ts";

const actor = actorId(new Uint8Array(16).fill(7));
const pair = (stamp: number) => ({ stamp: stamp as Stamp, actor });
const container = (byte: number): ContainerId => containerId(new Uint8Array(32).fill(byte));
const run = (start: number, end: number) => ({ actor, start, end });

describe("aliases", () => {
  it("lead to the original, through those of a transaction that has not committed", () => {
    const below = new Aliases();
    below.addPair("cell", pair(5), pairText(pair(1)));
    const above = new Aliases(below);
    above.addPair("cell", pair(9), pairText(pair(5)));
    expect(above.original("cell", pair(9))).toBe(pairText(pair(1)));
    expect(below.original("cell", pair(9))).toBe(pairText(pair(9)));
    expect(above.original("other", pair(9))).toBe(pairText(pair(9)));
    expect(above.original("cell", undefined)).toBe(NOTHING);
    below.adopt(above);
    expect(below.original("cell", pair(9))).toBe(pairText(pair(1)));
  });

  it("give the parts of runs that stand for others, where the content is now", () => {
    const aliases = new Aliases();
    const [old, now] = [container(1), container(2)];
    aliases.addContainer(old, now);
    // The same ids, in another container: other units.
    aliases.addRuns(old, [run(0, 2), run(6, 9)], now, [run(0, 5)]);
    aliases.addRuns(now, [run(1, 3)], now, [run(8, 10)]);
    expect(aliases.container(old)).toEqual(now);
    expect(aliases.runs(old, [run(1, 7)])).toEqual([run(1, 2), run(2, 3), run(8, 9), run(9, 10)]);
    expect(aliases.runs(now, [run(0, 1)])).toEqual([run(0, 1)]);
  });

  it("are all forgotten beyond the limit, but for the latest", () => {
    const below = new Aliases();
    const many = new Aliases(below);
    for (let i = 1; i <= ALIASES_MAX; i++) many.addPair("cell", pair(i + 1), pairText(pair(1)));
    below.adopt(many);
    expect(below.original("cell", pair(2))).toBe(pairText(pair(1)));
    const last = new Aliases(below);
    last.addPair("cell", pair(ALIASES_MAX + 5), pairText(pair(3)));
    below.adopt(last);
    expect(below.original("cell", pair(2))).toBe(pairText(pair(2)));
    expect(below.original("cell", pair(ALIASES_MAX + 5))).toBe(pairText(pair(3)));
  });
});
