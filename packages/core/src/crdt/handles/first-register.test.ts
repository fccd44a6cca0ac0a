import { describe, expect, it } from "vitest";
import { openDocument, write } from "../reference/documents.ts";
import { originOf } from "../reference/draw.ts";

describe("a first-writer register", () => {
  it("keeps what was written first and tells whether that was this", () => {
    const document = openDocument();
    write(document, 1, 1, (tx) => {
      const register = tx.field("first-register", "r");
      expect(register.get()).toBeUndefined();
      expect([register.set(0), register.set(2)]).toEqual([true, false]);
      expect(register.get()).toBe(0);
    });
    const later = document.begin(originOf(2, 2));
    expect(later.field("first-register", "r").set(3)).toBe(false);
    expect(later.commit()).toBeUndefined();
    expect(document.field("first-register", "r").get()).toBe(0);
  });

  it("gives way to an earlier write that comes late, and to no later one", () => {
    const joins = (["late", "early"] as const).map((value) =>
      write(openDocument(), 1, 1, (tx) => tx.field("first-register", "r").set(value)),
    );
    const document = openDocument();
    document.apply(joins[0]!, originOf(5, 1));
    document.apply(joins[1]!, originOf(4, 2));
    document.apply(joins[0]!, originOf(6, 1));
    expect(document.field("first-register", "r").get()).toBe("early");
  });
});
