import { describe, expect, it } from "vitest";
import { type ContainerId, containerId } from "../../base/index.ts";
import { Elsewhere } from "./elsewhere.ts";
import { ELSEWHERE_MAX } from "./limits.ts";

const container: ContainerId = containerId(new Uint8Array(32).fill(1));

describe("what changed elsewhere", () => {
  it("is known by when it did", () => {
    const elsewhere = new Elsewhere();
    elsewhere.note(container, "a");
    const at = elsewhere.now;
    elsewhere.note(container, "b");
    expect(["a", "b", "c", undefined].map((id) => elsewhere.hasChanged(container, id, at))).toEqual([
      false,
      true,
      false,
      false,
    ]);
  });

  it("is anything when too much did, or nobody knows what", () => {
    const elsewhere = new Elsewhere();
    for (let i = 0; i < ELSEWHERE_MAX; i++) elsewhere.note(container, `${i}`);
    const at = elsewhere.now - 1;
    expect(elsewhere.hasChanged(container, "never", at)).toBe(false);
    elsewhere.note(container, "one more");
    expect(elsewhere.hasChanged(container, "never", at)).toBe(true);
    expect(elsewhere.hasChanged(container, "never", elsewhere.now)).toBe(false);
  });
});
