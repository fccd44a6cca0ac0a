import { describe, expect, it } from "vitest";
import type { Document } from "../document.ts";
import { openDocument, write } from "../reference/documents.ts";
import { originOf } from "../reference/draw.ts";

const values = (document: Document) => document.field("multi-register", "r").values();

describe("a multi-value register", () => {
  it("shows all that was written at one time, latest first and each once, until somebody resolves it", () => {
    const document = openDocument();
    for (const [actor, value] of ["a", "b", "a"].entries()) {
      const joins = write(openDocument(), 1, actor, (tx) => tx.field("multi-register", "r").set(value));
      document.apply(joins, originOf(1, actor));
    }
    expect(values(document)).toEqual(["a", "b"]);
    expect(document.field("multi-register", "r").get()).toBe("a");
    write(document, 2, 7, (tx) => tx.field("multi-register", "r").resolve((all) => all.join("+")));
    expect(values(document)).toEqual(["a+b"]);
  });

  it("keeps what the resolver had not seen", () => {
    const [alice, bob] = [openDocument(), openDocument()];
    const first = write(alice, 1, 1, (tx) => tx.field("multi-register", "r").set("one"));
    bob.apply(first, originOf(1, 1));
    const again = write(alice, 2, 1, (tx) => tx.field("multi-register", "r").set("two"));
    const resolved = write(bob, 3, 2, (tx) => tx.field("multi-register", "r").resolve(([seen]) => `${seen}, resolved`));
    alice.apply(resolved, originOf(3, 2));
    bob.apply(again, originOf(2, 1));
    for (const document of [alice, bob]) expect(values(document)).toEqual(["one, resolved", "two"]);
    expect(alice.root()).toEqual(bob.root());
  });

  it("is cleared of what was seen alone", () => {
    const document = openDocument();
    const unseen = write(openDocument(), 1, 2, (tx) => tx.field("multi-register", "r").set("unseen"));
    write(document, 1, 1, (tx) => tx.field("multi-register", "r").set("seen"));
    write(document, 2, 1, (tx) => tx.field("multi-register", "r").clear());
    expect(values(document)).toEqual([]);
    expect(document.field("multi-register", "r").get()).toBeUndefined();
    document.apply(unseen, originOf(1, 2));
    expect(values(document)).toEqual(["unseen"]);
  });

  it("changes nothing when it is set and cleared in one transaction", () => {
    const document = openDocument();
    const tx = document.begin(originOf(1, 1));
    tx.field("multi-register", "r").set(1);
    tx.field("multi-register", "r").clear();
    expect(tx.commit()).toBeUndefined();
    expect(document.takeDirty()).toEqual([]);
  });

  it("cannot be cleared of what is yet to come", () => {
    const document = openDocument();
    const alice = write(document, 10, 1, (tx) => tx.field("multi-register", "r").set("alice"));
    const mallory = write(document, 20, 2, (tx) => tx.field("multi-register", "r").set("mallory"));
    const victim = openDocument();
    victim.apply(alice, originOf(10, 1));
    // The join names stamp 10; under a header with stamp 9 it claims to have seen the future.
    expect(victim.apply(mallory, originOf(9, 2))).toEqual({ ok: true, value: { void: 1 } });
    expect(values(victim)).toEqual(["alice", "mallory"]);
    const clear = write(document, 30, 2, (tx) => tx.field("multi-register", "r").clear());
    expect(victim.apply(clear, originOf(8, 2))).toEqual({ ok: true, value: { void: 1 } });
    expect(values(victim)).toEqual(["alice", "mallory"]);
  });
});
