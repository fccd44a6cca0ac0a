import { afterEach, describe, expect, it } from "vitest";
import { KEEP_ALIVE_MS } from "../limits.ts";
import { createVirtualTime, openFaultProxy, openTestNode, systemScheduler, type TestNode } from "./index.ts";

const opened: AsyncDisposable[] = [];

function keep<T extends AsyncDisposable>(it: T): T {
  opened.push(it);
  return it;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((it) => it[Symbol.asyncDispose]()));
});

/** Resolves at the next call of the function that it comes with. */
function createSignal(): { readonly fired: Promise<void>; readonly fire: () => void } {
  let fire = (): void => {};
  const fired = new Promise<void>((resolve) => {
    fire = resolve;
  });
  return { fired, fire };
}

async function exchange(from: TestNode, to: TestNode, frame: Uint8Array): Promise<void> {
  const before = to.frames().length;
  from.network.send(to.network.self, frame);
  await to.until(() => to.frames().length > before, "the frame");
  expect(Buffer.compare(to.frames().at(-1) ?? new Uint8Array(0), frame)).toBe(0);
}

describe("fault proxy", () => {
  it("passes bytes on unchanged, slowly", async () => {
    const [a, b] = [keep(await openTestNode({ number: 1 })), keep(await openTestNode({ number: 2 }))];
    const proxy = keep(await openFaultProxy({ target: b.address, scheduler: systemScheduler }));
    proxy.set({ latencyMs: 5, bytesPerSecond: 4_000_000 });
    expect(await a.network.dial(proxy.address)).toEqual({ ok: true, value: b.network.self });
    expect(proxy.connections).toBe(1);
    await exchange(
      a,
      b,
      Uint8Array.from({ length: 500_000 }, (_, i) => (i * 7) & 255),
    );
    await exchange(b, a, Uint8Array.of(1, 2, 3));
  });

  it("delays by its clock: nothing passes before the latency is over", async () => {
    const [a, b] = [keep(await openTestNode({ number: 1 })), keep(await openTestNode({ number: 2 }))];
    const time = createVirtualTime();
    let held = createSignal();
    const proxy = keep(await openFaultProxy({ target: b.address, scheduler: time, onHeld: () => held.fire() }));
    await a.network.dial(proxy.address);
    await b.until(() => b.count("connect") === 1, "b is connected");
    proxy.set({ latencyMs: 100 });
    held = createSignal();
    a.network.send(b.network.self, Uint8Array.of(1));
    await held.fired;
    time.advance(99);
    expect(proxy.heldBytes).toBeGreaterThan(0);
    time.advance(1);
    expect(proxy.heldBytes).toBe(0);
    await b.until(() => b.frames().length === 1, "the frame");
  });

  it("makes a half-open connection: one side gives up, dials again, and the other takes it back at once", async () => {
    for (const [first, second] of [
      [1, 2],
      [2, 1],
    ] as const) {
      const [timeA, timeB] = [createVirtualTime(), createVirtualTime()];
      const a = keep(await openTestNode({ number: first, scheduler: timeA }));
      const b = keep(await openTestNode({ number: second, scheduler: timeB }));
      const proxy = keep(await openFaultProxy({ target: b.address, scheduler: systemScheduler }));
      await a.network.dial(proxy.address);
      await b.until(() => b.count("connect") === 1, "b is connected");
      proxy.set({ blackhole: true });
      timeA.advance(5 * KEEP_ALIVE_MS);
      expect(a.network.stats().cuts).toEqual({ PEER_DEAD: 1 });
      expect(b.count("disconnect")).toBe(0);
      a.network.keepConnected([b.address]);
      await a.until(() => a.count("connect") === 2, "a is connected again");
      await b.until(() => b.count("connect") === 2, "b is connected again");
      expect([a.count("disconnect"), b.count("disconnect")]).toEqual([1, 1]);
      expect(b.network.stats().cuts).toEqual({ CONNECTION_REPLACED: 1 });
      await exchange(a, b, Uint8Array.of(1));
      await exchange(b, a, Uint8Array.of(2));
    }
  });

  it("does not keep a node from closing, with frames on their way into a black hole", async () => {
    const [a, b] = [keep(await openTestNode({ number: 1 })), keep(await openTestNode({ number: 2 }))];
    const proxy = keep(await openFaultProxy({ target: b.address, scheduler: systemScheduler }));
    await a.network.dial(proxy.address);
    proxy.set({ blackhole: true });
    for (let i = 0; i < 4; i++) a.network.send(b.network.self, new Uint8Array(1 << 20));
    await a[Symbol.asyncDispose]();
    expect(a.count("disconnect")).toBe(1);
    expect(a.network.stats()).toMatchObject({ connections: 0, peers: [], cuts: { NETWORK_CLOSED: 1 } });
  });

  it("cuts both sides, and refuses until told otherwise", async () => {
    const [a, b] = [keep(await openTestNode({ number: 1 })), keep(await openTestNode({ number: 2 }))];
    const proxy = keep(await openFaultProxy({ target: b.address, scheduler: systemScheduler }));
    await a.network.dial(proxy.address);
    await b.until(() => b.count("connect") === 1, "b is connected");
    proxy.set({ refuse: true });
    proxy.cut();
    await a.until(() => a.count("disconnect") === 1, "a is told");
    await b.until(() => b.count("disconnect") === 1, "b is told");
    expect(await a.network.dial(proxy.address)).toMatchObject({ error: { code: "DIAL_FAILED" } });
    proxy.set({ refuse: false });
    expect((await a.network.dial(proxy.address)).ok).toBe(true);
  });
});
