import { describe, expect, it } from "vitest";
import { ENTRY_KEY_BYTES_MAX } from "../limits.ts";
import { openDocument, refusalOf, write } from "../reference/documents.ts";
import { originOf } from "../reference/draw.ts";

describe("a remove-wins set", () => {
  it("adds, removes and adds again", () => {
    const document = openDocument();
    for (let stamp = 1; stamp <= 3; stamp++) {
      write(document, stamp, stamp % 2, (tx) => {
        const set = tx.field("remove-wins-set", "s");
        if (stamp === 2) expect([set.delete("x"), set.delete("x")]).toEqual([true, false]);
        else expect([set.add("x"), set.add("x")]).toEqual([true, false]);
      });
      expect(document.field("remove-wins-set", "s").values()).toEqual(stamp === 2 ? [] : ["x"]);
    }
    expect(document.field("remove-wins-set", "s").size).toBe(1);
  });

  it("removes what is added again at the same time, and lets back in what is added after", () => {
    const [alice, bob] = [openDocument(), openDocument()];
    const added = write(alice, 1, 1, (tx) => tx.field("remove-wins-set", "s").add("x"));
    bob.apply(added, originOf(1, 1));
    const removed = write(alice, 2, 1, (tx) => tx.field("remove-wins-set", "s").delete("x"));
    const again = write(bob, 9, 2, (tx) => {
      tx.field("remove-wins-set", "s").delete("x");
    });
    const back = write(bob, 10, 2, (tx) => tx.field("remove-wins-set", "s").add("x"));
    bob.apply(removed, originOf(2, 1));
    alice.apply(again, originOf(9, 2));
    alice.apply(back, originOf(10, 2));
    for (const document of [alice, bob]) expect(document.field("remove-wins-set", "s").has("x")).toBe(false);
    expect(alice.root()).toEqual(bob.root());
    write(alice, 11, 1, (tx) => tx.field("remove-wins-set", "s").add("x"));
    expect(alice.field("remove-wins-set", "s").has("x")).toBe(true);
  });

  it("records what a transaction leaves, not how it came to it", () => {
    const document = openDocument();
    write(document, 1, 1, (tx) => tx.field("remove-wins-set", "s").add("x"));
    const tx = document.begin(originOf(2, 1));
    const set = tx.field("remove-wins-set", "s");
    set.delete("x");
    set.add("x");
    set.add("y");
    set.delete("y");
    expect(set.values()).toEqual(["x"]);
    expect(tx.commit()).toBeUndefined();
  });

  it("cannot be told that removals to come are undone", () => {
    const author = openDocument();
    const added = write(author, 1, 1, (tx) => tx.field("remove-wins-set", "s").add("x"));
    const removed = write(author, 10, 1, (tx) => tx.field("remove-wins-set", "s").delete("x"));
    const undone = write(author, 20, 2, (tx) => tx.field("remove-wins-set", "s").add("x"));
    const victim = openDocument();
    victim.apply(added, originOf(1, 1));
    expect(victim.apply(undone, originOf(9, 2))).toEqual({ ok: true, value: { void: 1 } });
    victim.apply(removed, originOf(10, 1));
    expect(victim.field("remove-wins-set", "s").values()).toEqual([]);
    expect(victim.apply(undone, originOf(20, 2))).toEqual({ ok: true, value: { void: 0 } });
    expect(victim.field("remove-wins-set", "s").values()).toEqual(["x"]);
  });

  it("refuses an element that is too long", () => {
    const set = openDocument().begin(originOf(1, 1)).field("remove-wins-set", "s");
    expect(refusalOf(() => set.add("x".repeat(ENTRY_KEY_BYTES_MAX)))).toBe("KEY_TOO_LONG");
  });
});
