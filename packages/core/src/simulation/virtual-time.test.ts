import { expect, it } from "vitest";
import { VirtualTime } from "./virtual-time.ts";

const TURNS = {
  drained: () => new Promise<void>((resolve) => process.nextTick(resolve)),
  loopTurned: () => new Promise<void>((resolve) => setImmediate(resolve)),
};

it("runs tasks by time, then in the order they were made, each with its promises to their end", async () => {
  const time = new VirtualTime(TURNS);
  const seen: string[] = [];
  time.after(5, () => seen.push("b"));
  time.after(1, () => {
    seen.push("a");
    void (async () => {
      for (let i = 0; i < 50; i++) await undefined;
      seen.push("a's promises");
      time.after(4, () => seen.push("d"));
    })();
  });
  time.after(5, () => seen.push("c"));
  const cancel = time.after(3, () => seen.push("never"));
  cancel();
  time.after(100, () => seen.push("too late"));
  await time.runUntil(50, () => false);
  expect(seen).toEqual(["a", "a's promises", "b", "c", "d"]);
  expect(time.nowMs).toBe(50);
});
