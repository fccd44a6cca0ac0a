import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import type { Replica } from "../replica/index.ts";
import { rootOf } from "../replica/testing.ts";
import { A, B, openScene } from "./testing.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("a sealed context", () => {
  it("shows no frame in which what is written can be read, and a removed member no more of it", async () => {
    const { wire, a, b, member, genesis } = await openScene({ createStore: createMemoryStore, nextTurn }, 20, {
      isSealed: true,
    });
    const frames: Uint8Array[] = [];
    wire.tamper = (_from, _to, frame) => {
      frames.push(frame);
      return frame;
    };
    const tell = (replica: Replica, secret: string) =>
      replica.call((t) => {
        t.field("text", "body").insert(0, secret);
        return { ok: true, value: 0, events: [{ kind: secret, data: new Uint8Array(0), handler: secret }] };
      });
    wire.connect(A, B);
    await wire.run();
    await tell(a.replica, "confidential");
    await wire.run();
    await tell(b.replica, "confidential");
    await wire.run();
    expect(a.replica.document.field("text", "body").toString()).toBe("confidentialconfidential");
    expect(rootOf(b.replica)).toBe(rootOf(a.replica));
    expect(frames.length).toBeGreaterThan(10);
    expect(Buffer.concat(frames).includes("confidential")).toBe(false);

    await a.replica.declare({ kind: "remove", member: member.publicKey });
    await wire.run();
    expect(b.replica.roleOf(member.publicKey)).toBeUndefined();
    for (let i = 0; i < 3; i++) {
      for (const { engine } of [a, b]) engine.tick();
      await wire.run();
    }
    expect(a.engine.status(genesis.context)).toMatchObject([{ state: "not a member" }]);
    await tell(a.replica, "later");
    await wire.run();
    expect(b.replica.document.field("text", "body").toString()).toBe("confidentialconfidential");
    expect(await tell(b.replica, "mine")).toMatchObject({ ok: false, error: { code: "ACCESS_DENIED" } });
    expect(b.replica.flushed.count).toBeLessThan(a.replica.flushed.count);
  });
});
