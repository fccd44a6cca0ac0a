import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { bytesEqual, bytesToHex, compareBytes, concatBytes, createPrng, type Entry, utf8 } from "../../base/index.ts";
import { CELL_BYTES_MAX, CELL_KEY_BYTES_MAX, STATE_PAGE_BYTES_MAX, STATE_PAGE_CELLS_MAX } from "./limits.ts";
import { decodeStatePage, encodeStatePage, PageCutter, statePageHash, stateRoot } from "./state-pages.ts";

const PREFIX = new Uint8Array(33).fill(7);

function row(name: string, value: number | Uint8Array = 4): Entry {
  return [concatBytes(PREFIX, utf8(name)), typeof value === "number" ? new Uint8Array(value).fill(9) : value];
}

function pagesOf(rows: readonly Entry[]): Uint8Array[] {
  const pages: Uint8Array[] = [];
  const cutter = new PageCutter((page) => pages.push(page));
  for (const [key, value] of [...rows].sort(([a], [b]) => compareBytes(a, b))) cutter.add(key, value);
  cutter.finish();
  return pages;
}

const ROWS = Array.from({ length: 5000 }, (_, i) => row(`key-${i}`, 1 + (i % 40)));

describe("pages of a state", () => {
  it("hold every cell once, in order, and nothing else", () => {
    const pages = pagesOf(ROWS);
    expect(pages.length).toBeGreaterThan(5);
    const back = pages.flatMap((page) => decodeStatePage(page) ?? []);
    const sorted = [...ROWS].sort(([a], [b]) => compareBytes(a, b));
    expect(back.map(([key]) => bytesToHex(key))).toEqual(sorted.map(([key]) => bytesToHex(key)));
    expect(back.every(([, value], i) => bytesEqual(value, (sorted[i] as Entry)[1]))).toBe(true);
  });

  it("are moved by a change beside it alone", () => {
    const before = new Set(pagesOf(ROWS).map(bytesToHex));
    const after = pagesOf([...ROWS, row("key-2500x")]);
    expect(after.filter((page) => !before.has(bytesToHex(page)))).toHaveLength(1);
  });

  it("make a root that tells any other state", () => {
    const rootOf = (pages: readonly Uint8Array[]) => bytesToHex(stateRoot(concatBytes(...pages.map(statePageHash))));
    const pages = pagesOf(ROWS);
    expect(rootOf(pagesOf(ROWS.slice(1)))).not.toBe(rootOf(pages));
    expect(rootOf(pages.slice(1))).not.toBe(rootOf(pages));
    expect(rootOf([...pages].reverse())).not.toBe(rootOf(pages));
  });

  it("are cut at their limits, a large cell standing alone", () => {
    const many = Array.from({ length: 3 * STATE_PAGE_CELLS_MAX }, (_, i) => row(`k${i}`, 0));
    for (const page of pagesOf(many)) expect(decodeStatePage(page)?.length).toBeLessThanOrEqual(STATE_PAGE_CELLS_MAX);
    const large = row("l", STATE_PAGE_BYTES_MAX + 1);
    const alone = pagesOf([row("a"), large, row("z")]).map((page) => decodeStatePage(page) ?? []);
    expect(alone.find((cells) => cells.some(([key]) => bytesEqual(key, large[0])))).toHaveLength(1);
    expect(decodeStatePage(encodeStatePage([row("v", CELL_BYTES_MAX)]))).toHaveLength(1);
    expect(decodeStatePage(encodeStatePage([row("v", CELL_BYTES_MAX + 1)]))).toBeUndefined();
    const longest = new Uint8Array(CELL_KEY_BYTES_MAX).fill(1);
    expect(decodeStatePage(encodeStatePage([[longest, PREFIX]]))).toHaveLength(1);
    expect(decodeStatePage(encodeStatePage([[concatBytes(longest, PREFIX), PREFIX]]))).toBeUndefined();
    const over = Array.from({ length: STATE_PAGE_CELLS_MAX + 1 }, (_, i) => row(String(i).padStart(6, "0"), 0));
    expect(decodeStatePage(encodeStatePage(over.slice(1)))).toHaveLength(STATE_PAGE_CELLS_MAX);
    expect(decodeStatePage(encodeStatePage(over))).toBeUndefined();
  });

  it("are refused when they are no page, whatever the damage", () => {
    const prng = createPrng(5);
    const corpus = Array.from({ length: 40 }, () => {
      const names = [...new Set(Array.from({ length: 1 + prng.below(5) }, () => `k${prng.below(50)}`))].sort();
      return encodeStatePage(names.map((name) => row(name, prng.below(8))));
    });
    const report = fuzzDecoder({
      name: "state page",
      seed: 5,
      corpus,
      decode: decodeStatePage,
      encode: encodeStatePage,
    });
    expect(report.accepted).toBeGreaterThan(10);
  });
});
