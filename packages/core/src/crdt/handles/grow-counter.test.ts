import { describe, expect, it } from "vitest";
import { COUNTER_SUM_MAX } from "../limits.ts";
import { openDocument, refusalOf, write } from "../reference/documents.ts";
import { originOf } from "../reference/draw.ts";

describe("a counter that only grows", () => {
  it("sums what all have added", () => {
    const [alice, bob] = [openDocument(), openDocument()];
    const three = write(alice, 1, 1, (tx) => tx.field("grow-counter", "c").add(3));
    const four = write(bob, 1, 2, (tx) => {
      tx.field("grow-counter", "c").add(1);
      tx.field("grow-counter", "c").add(3);
    });
    alice.apply(four, originOf(1, 2));
    bob.apply(three, originOf(1, 1));
    for (const document of [alice, bob]) expect(document.field("grow-counter", "c").value()).toBe(7);
    expect(alice.root()).toEqual(bob.root());
  });

  it("refuses to subtract, and to leave its range", () => {
    const tx = openDocument().begin(originOf(1, 1));
    expect(refusalOf(() => tx.field("grow-counter", "c").add(-1))).toBe("COUNTER_ONLY_GROWS");
    expect(refusalOf(() => tx.field("grow-counter", "c").add(0.5))).toBe("COUNTER_OUT_OF_RANGE");
    expect(refusalOf(() => tx.field("grow-counter", "c").add(COUNTER_SUM_MAX + 1))).toBe("COUNTER_OUT_OF_RANGE");
    tx.field("grow-counter", "c").add(0);
    expect(tx.commit()).toBeUndefined();
  });
});
