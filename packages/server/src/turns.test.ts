import { describe, expect, it } from "vitest";
import { Turns } from "./turns.ts";

const never = new Promise<never>(() => {});

describe("Turns", () => {
  it("starts what waits in the order in which places were taken, without waiting for answers", async () => {
    const turns = new Turns();
    const connection = {};
    const places = [0, 1, 2].map(() => turns.take(connection));
    const started: number[] = [];
    const start = (i: number) => () => {
      started.push(i);
      return i === 2 ? Promise.resolve(i) : never;
    };
    const last = places[2]?.run(start(2));
    void places[1]?.run(start(1));
    expect(started).toEqual([]);
    void places[0]?.run(start(0));
    expect(await last).toBe(2);
    expect(started).toEqual([0, 1, 2]);
  });

  it("passes over a request that ended, and one whose start failed", async () => {
    const turns = new Turns();
    const connection = {};
    const [refused, failed, next] = [turns.take(connection), turns.take(connection), turns.take(connection)];
    const failing = failed.run(() => Promise.reject(new Error("no")));
    const result = next.run(async () => "done");
    refused.end();
    await expect(failing).rejects.toThrow("no");
    expect(await result).toBe("done");
  });

  it("keeps connections apart", async () => {
    const turns = new Turns();
    turns.take({});
    expect(await turns.take({}).run(async () => 1)).toBe(1);
  });
});
