import { describe, expect, it } from "vitest";
import type { ContainerId, WriteOperation } from "../../base/index.ts";
import { Document } from "../document.ts";
import type { Derivation } from "../records/derivation.ts";
import { originOf } from "../reference/draw.ts";
import { MemorySource } from "../reference/memory-source.ts";
import type { Transaction } from "../transaction.ts";
import { OBSERVED_CONTAINERS_MAX } from "./limits.ts";
import { PathObservers } from "./observe.ts";
import { edit } from "./path-writer.ts";
import type { Path } from "./resolve.ts";

/** A document whose derivation feeds observers, as an owner of a document does it. */
class Watched implements Derivation {
  readonly document: Document = new Document(new MemorySource(), { derivation: this });
  readonly observers: PathObservers = new PathObservers(this.document);

  onRecord(container: ContainerId, id: string): void {
    this.observers.onRecord(container, id);
  }

  onContainer(id: ContainerId): void {
    this.observers.onContainer(id);
  }

  onForeign(): void {}

  takeRows(): readonly WriteOperation[] {
    return [];
  }

  write(work: (tx: Transaction) => void): void {
    const tx = this.document.begin(originOf(this.document.lastStamp + 1, 1));
    work(tx);
    tx.commit();
    this.observers.flush();
  }

  /** What the observer of a path is told, one array for each call. */
  watch(path: Path, rootType?: "records"): { readonly calls: (readonly Path[])[]; readonly stop: Disposable } {
    const calls: (readonly Path[])[] = [];
    return { calls, stop: this.observers.observe(path, (changed) => calls.push(changed), rootType) };
  }
}

describe("observing a path", () => {
  it("tells of each container below it, with its path", () => {
    const watched = new Watched();
    watched.write((tx) => edit(tx, ["m", "a", "b", "text"]).ensure("text").insert(0, "x"));
    const { calls } = watched.watch(["m", "a"]);
    watched.write((tx) => edit(tx, ["m", "a", "b", "text"]).ensure("text").insert(0, "y"));
    watched.write((tx) => edit(tx, ["m", "a", "n"]).set(1));
    watched.write((tx) => edit(tx, ["m", "other"]).set(1));
    expect(calls).toEqual([[["m", "a", "b", "text"]], [["m", "a"]]]);
  });

  it("follows what is created below it, and forgets what is deleted", () => {
    const watched = new Watched();
    watched.write((tx) => edit(tx, ["m", "a"]).ensure("map"));
    const { calls } = watched.watch(["m", "a"]);
    watched.write((tx) => edit(tx, ["m", "a", "b", "set"]).ensure("set").add(1));
    watched.write((tx) => edit(tx, ["m", "a", "b", "set"]).ensure("set").add(2));
    watched.write((tx) => edit(tx, ["m", "a", "b"]).delete());
    watched.write((tx) => edit(tx, ["m", "a", "b", "set"]).ensure("set").add(3));
    expect(calls).toEqual([
      [
        ["m", "a"],
        ["m", "a", "b"],
        ["m", "a", "b", "set"],
      ],
      [["m", "a", "b", "set"]],
      [["m", "a"]],
      [
        ["m", "a"],
        ["m", "a", "b"],
        ["m", "a", "b", "set"],
      ],
    ]);
  });

  it("waits for what is not there, and tells when another takes its place", () => {
    const watched = new Watched();
    const { calls } = watched.watch(["m", "a", "b"]);
    watched.write((tx) => edit(tx, ["m", "a", "b"]).ensure("counter").add(1));
    watched.write((tx) => edit(tx, ["m", "a", "b"]).ensure("counter").add(1));
    watched.write((tx) => edit(tx, ["m", "a", "c"]).set(1));
    watched.write((tx) => edit(tx, ["m", "a", "b"]).delete());
    watched.write((tx) => edit(tx, ["m", "a", "b"]).set(7));
    expect(calls).toEqual([[["m", "a", "b"]], [["m", "a", "b"]], [["m", "a", "b"]], [["m", "a", "b"]]]);
  });

  it("follows trees, graphs and lists, and documents by their ids", () => {
    const watched = new Watched();
    watched.write((tx) => {
      edit(tx, ["m", "tree"]).ensure("tree").create("", { id: "top" });
      edit(tx, ["m", "tree", "top", "text"]).ensure("text").insert(0, "x");
      edit(tx, ["m", "list"]).ensure("list").insertContainer("map", 0).set("k", 1);
    });
    const { calls } = watched.watch(["m"]);
    watched.write((tx) => edit(tx, ["m", "tree"]).ensure("tree").create("top"));
    watched.write((tx) => edit(tx, ["m", "tree", "top", "text"]).ensure("text").insert(0, "y"));
    watched.write((tx) => edit(tx, ["m", "list"]).ensure("list").insert(0, 5));
    watched.write((tx) => edit(tx, ["m", "list", 1, "k"]).set(2));
    expect(calls).toEqual([[["m", "tree"]], [["m", "tree", "top", "text"]], [["m", "list"]], [["m", "list", 1]]]);
    const documents = watched.watch(["r"], "records");
    watched.write((tx) => tx.field("records", "r").insert("doc").set("title", "one"));
    expect(documents.calls).toEqual([[["r", "doc"]]]);
  });

  it("tells of deltas from elsewhere, and of nothing that was rolled back or after it was stopped", () => {
    const [here, there] = [new Watched(), new Watched()];
    const { calls, stop } = here.watch(["m"]);
    const tx = there.document.begin(originOf(1, 2));
    tx.field("map", "m").set("a", 1);
    const joins = tx.commit();
    here.document.apply(joins!, originOf(1, 2));
    here.observers.flush();
    expect(calls).toEqual([[["m"]]]);
    const undone = here.document.begin(originOf(2, 1));
    undone.field("map", "m").set("a", 2);
    undone.rollback();
    here.observers.flush();
    stop[Symbol.dispose]();
    here.write((again) => again.field("map", "m").set("a", 3));
    expect(calls).toHaveLength(1);
  });
});

it("follows no more containers than it may, and is called back for every change then", () => {
  const watched = new Watched();
  const { calls } = watched.watch(["m"]);
  const add = (from: number, to: number): void =>
    watched.write((tx) => {
      const map = tx.field("map", "m");
      for (let i = from; i < to; i++) map.child("map", `${i}`);
    });
  add(0, OBSERVED_CONTAINERS_MAX - 1);
  calls.length = 0;
  watched.write((tx) => tx.field("map", "other").set("k", 1));
  expect(calls).toEqual([]);
  add(OBSERVED_CONTAINERS_MAX - 1, OBSERVED_CONTAINERS_MAX);
  calls.length = 0;
  watched.write((tx) => tx.field("map", "m").child("map", "0").set("k", 1));
  watched.write((tx) => tx.field("map", "other").set("k", 2));
  expect(calls).toEqual([[["m", "0"]], [["m"]]]);
});
