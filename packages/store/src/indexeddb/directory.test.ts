import { must } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { Directory } from "./directory.ts";
import { decodePage, encodePage, type Page } from "./page.ts";

const bound = (at: number): Uint8Array => Uint8Array.of(at);
const page = (at: number): Page => must(decodePage(encodePage([[bound(at), new Uint8Array(1000)]])), "a page");

describe("the directory", () => {
  it("says which page a key belongs to", () => {
    const directory = new Directory();
    directory.reset([bound(10), bound(20), bound(30)]);
    expect([9, 10, 11, 29, 30, 255].map((key) => directory.indexOf(bound(key)))).toEqual([-1, 0, 0, 1, 2, 2]);
    directory.set(bound(15), undefined);
    directory.remove(bound(20));
    directory.remove(bound(21));
    expect([10, 15, 20, 30].map((key) => directory.indexOf(bound(key)))).toEqual([0, 1, 1, 2]);
  });

  it("gives up the least recently read pages, but none that was read since it must keep them", () => {
    const directory = new Directory();
    for (let i = 1; i <= 5; i++) directory.set(bound(i), page(i));
    const bytesEach = directory.loadedBytes / 5;
    const read = (at: number): Page | undefined => directory.read(must(directory.at(at - 1), "a slot"));
    for (const at of [5, 4, 2, 3, 1]) read(at);
    const keepFrom = directory.now + 1;
    read(2);
    read(3);
    directory.evict(bytesEach * 4, keepFrom);
    expect([1, 2, 3, 4, 5].map((at) => read(at) !== undefined)).toEqual([true, true, true, true, false]);
    const later = directory.now + 1;
    read(4);
    directory.evict(0, later);
    expect([1, 2, 3, 4, 5].map((at) => read(at) !== undefined)).toEqual([false, false, false, true, false]);
    expect([directory.loadedCount, directory.loadedBytes]).toEqual([1, bytesEach]);
  });
});
