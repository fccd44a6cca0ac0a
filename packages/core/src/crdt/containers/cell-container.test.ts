import { describe, expect, it } from "vitest";
import { ACTOR_BYTES, actorId, ID_BYTES, publicKey, type Stamp } from "../../base/index.ts";
import { Document } from "../document.ts";
import { textPlugin } from "../fugue-plugin.ts";
import type { Origin } from "../origin.ts";
import { MemorySource } from "../reference/memory-source.ts";
import { NO_SLOT } from "./key-index.ts";

const actor = actorId(new Uint8Array(ACTOR_BYTES).fill(1));
const member = publicKey(new Uint8Array(ID_BYTES).fill(2));
const originAt = (stamp: number): Origin => ({ stamp: stamp as Stamp, actor, member });

describe("a slot", () => {
  it("is let go when the transaction that added it is rolled back, and taken again", () => {
    const document = new Document(new MemorySource(), textPlugin);
    const container = document.field("map", "m").target;
    const kept = document.begin(originAt(1));
    kept.field("map", "m").set("kept", 1);
    kept.commit();
    for (let round = 0; round < 3; round++) {
      const transaction = document.begin(originAt(2));
      transaction.field("map", "m").set("a", 1);
      transaction.field("map", "m").set("b", 1);
      expect([container.find("a"), container.find("b")].sort()).toEqual([1, 2]);
      transaction.rollback();
      expect([container.find("a"), container.find("b")]).toEqual([NO_SLOT, NO_SLOT]);
    }
    expect(document.takeDirty()).toHaveLength(1);
  });

  it("that a set adds to and takes from in one transaction is let go at the commit", () => {
    const document = new Document(new MemorySource(), textPlugin);
    const transaction = document.begin(originAt(1));
    const set = transaction.field("set", "s");
    set.add("a");
    set.delete("a");
    expect(transaction.commit()).toBeUndefined();
    expect(document.field("set", "s").target.isEmpty()).toBe(true);
    expect(document.takeDirty()).toHaveLength(0);
    const again = document.begin(originAt(2));
    again.field("set", "s").add("a");
    again.commit();
    expect(document.field("set", "s").values()).toEqual(["a"]);
  });
});

describe("a closed transaction", () => {
  it("still reads but writes no more, and its writers are not those of the next one", () => {
    const document = new Document(new MemorySource(), textPlugin);
    const first = document.begin(originAt(1));
    first.field("map", "m").set("key", "first");
    first.commit();
    const second = document.begin(originAt(2));
    expect(first.field("map", "m").get("key")).toBe("first");
    expect(() => first.field("map", "m").set("key", "late")).toThrow();
    second.field("map", "m").set("key", "second");
    expect(second.field("map", "m")).toBe(second.field("map", "m"));
    expect(() => first.field("map", "m").set("key", "late")).toThrow();
    second.commit();
    expect(document.field("map", "m").get("key")).toBe("second");
  });
});
