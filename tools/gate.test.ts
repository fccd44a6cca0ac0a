import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { staleReason } from "./ensure.mjs";
import { countsOf, sum, summaryLines } from "./gate.mjs";

const row = (counts: object): object => ({ name: "unit", seconds: 1, passed: 0, failed: 0, skips: [], ...counts });
const closing = (...rows: object[]): readonly string[] => summaryLines(rows, sum(rows)).slice(-2);

describe("the closing lines", () => {
  it("end with the counts alone on a line", () => {
    expect(closing(row({ passed: 2 }), row({ passed: 3, failed: 1 }))).toEqual(["0 skipped", "5 passed, 1 failed"]);
  });

  it("tell how many were skipped and why, before that", () => {
    const skips = [
      { name: "a", reason: "no device" },
      { name: "b", reason: "no device" },
      { name: "c", reason: "no browser" },
    ];
    expect(closing(row({ passed: 1, skips }))).toEqual(["3 skipped: no device (2); no browser", "1 passed, 0 failed"]);
  });
});

describe("the counts of a step", () => {
  it("are one check for a step without a report", () => {
    expect(countsOf(0, null)).toEqual({ passed: 1, failed: 0, skips: [] });
    expect(countsOf(3, null)).toEqual({ passed: 0, failed: 1, skips: [] });
  });

  it("count a skip without a reason as failed", () => {
    const skips = [{ name: "a", reason: "" }];
    expect(countsOf(0, { passed: 4, failed: 0, skips })).toEqual({ passed: 4, failed: 1, skips });
  });

  it("are never clean for a step that failed", () => {
    expect(countsOf(1, { passed: 4, failed: 0, skips: [] }).failed).toBe(1);
    expect(countsOf(1, { passed: 4, failed: 2, skips: [] }).failed).toBe(2);
  });
});

describe("staleReason", () => {
  it("tells a missing, an older and an agreeing install apart, and allows for other platforms", () => {
    const folder = mkdtempSync(join(tmpdir(), "dunlin-ensure-"));
    const write = (path: string, packages: object): void =>
      writeFileSync(join(folder, path), JSON.stringify({ packages }));
    try {
      const lock = {
        "": {},
        "packages/core": { version: "0.1.0" },
        "node_modules/a": { version: "1.0.0" },
        "node_modules/a-other-platform": { version: "1.0.0", optional: true },
      };
      write("package-lock.json", lock);
      expect(staleReason(folder)).toBe("nothing is installed yet");
      mkdirSync(join(folder, "node_modules"));
      write("node_modules/.package-lock.json", {});
      expect(staleReason(folder)).toBe("node_modules/a is missing");
      write("node_modules/.package-lock.json", { "node_modules/a": { version: "0.9.0" } });
      expect(staleReason(folder)).toBe("node_modules/a is not 1.0.0");
      write("node_modules/.package-lock.json", { "node_modules/a": { version: "1.0.0" } });
      expect(staleReason(folder)).toBeNull();
      writeFileSync(join(folder, "package-lock.json"), "{");
      expect(staleReason(folder)).toBe("package-lock.json is missing or damaged");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
