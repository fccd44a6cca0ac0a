import { describe, expect, it } from "vitest";
import type { Stamp } from "../../base/index.ts";
import type { Origin } from "../origin.ts";
import { openDocument, write } from "../reference/documents.ts";
import { actorOf, memberOf, originOf } from "../reference/draw.ts";

describe("user entries", () => {
  it("are each their own member's", () => {
    const document = openDocument();
    const joins = [1, 2].map((actor) =>
      write(openDocument(), 1, actor, (tx) => tx.field("user-entries", "u").set(actor)),
    );
    for (const index of [1, 0]) document.apply(joins[index]!, originOf(1, index + 1));
    write(document, 2, 3, (tx) => {
      const entries = tx.field("user-entries", "u");
      entries.set("own");
      expect([entries.own(), entries.get(memberOf(1))]).toEqual(["own", 1]);
    });
    const entries = document.field("user-entries", "u");
    expect(entries.all()).toEqual([
      [memberOf(1), 1],
      [memberOf(2), 2],
      [memberOf(3), "own"],
    ]);
    expect(entries.size).toBe(3);
    expect(entries.get(memberOf(4))).toBeUndefined();
  });

  it("name no owner, so under another's header they are that other's", () => {
    const joins = write(openDocument(), 1, 1, (tx) => tx.field("user-entries", "u").set("claim"));
    const document = openDocument();
    write(document, 1, 1, (tx) => tx.field("user-entries", "u").set("mine"));
    document.apply(joins, originOf(9, 2));
    expect(document.field("user-entries", "u").get(memberOf(1))).toBe("mine");
    expect(document.field("user-entries", "u").get(memberOf(2))).toBe("claim");
  });

  it("stay with the member whose installation is new", () => {
    const document = openDocument();
    const origin = (stamp: number, actor: number): Origin => ({
      stamp: stamp as Stamp,
      actor: actorOf(actor),
      member: memberOf(1),
    });
    for (const [stamp, actor] of [
      [1, 1],
      [2, 2],
    ] as const) {
      const tx = document.begin(origin(stamp, actor));
      tx.field("user-entries", "u").set(`from ${actor}`);
      tx.commit();
    }
    expect(document.field("user-entries", "u").all()).toEqual([[memberOf(1), "from 2"]]);
    const tx = document.begin(origin(3, 2));
    tx.field("user-entries", "u").clear();
    tx.field("user-entries", "u").clear();
    tx.commit();
    expect(document.field("user-entries", "u").all()).toEqual([]);
    expect(document.field("user-entries", "u").size).toBe(0);
  });
});
