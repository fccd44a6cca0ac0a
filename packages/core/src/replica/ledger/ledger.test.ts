import { createMemoryStore, type MemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { type Failure, must, type PublicKey, type Signer, utf8 } from "../../base/index.ts";
import { createCrypto } from "../../crypto/index.ts";
import type { RunCall } from "../call.ts";
import type { EntryEvent } from "../payload.ts";
import { Replica } from "../replica.ts";
import { START_MS, type TestPorts, testGenesis, testPorts } from "../testing.ts";
import type { Handlers } from "./handlers.ts";
import { HANDLER_ATTEMPTS_MAX, HANDLER_DEPTH_MAX, HANDLER_RETRY_MS } from "./limits.ts";

const crypto = createCrypto();
const signerOf = (seed: number): Signer => crypto.createSigner(new Uint8Array(32).fill(seed));
const [alice, bob] = [signerOf(1), signerOf(2)];
const genesis = testGenesis(alice, 7);
const poked = (handler: string): EntryEvent => ({ kind: "Poked", data: utf8("{}"), handler });

interface Node {
  readonly replica: Replica;
  readonly handlers: Handlers;
  readonly ports: TestPorts;
  readonly store: MemoryStore;
}

async function open(signer: Signer, seed: number, store = createMemoryStore()): Promise<Node> {
  const ports = testPorts(store, seed);
  const options = { context: genesis.context, signer, place: `place ${seed}`, keepsLedger: true };
  const opened = await Replica.open(ports, options);
  if (!opened.ok) throw new Error(opened.error.code);
  const replica = opened.value;
  replica.admit(genesis.bytes);
  await replica.settled();
  return { replica, handlers: must(replica.handlers, "a ledger is kept"), ports, store };
}

/** Two members who know of each other. */
async function pair(): Promise<{ a: Node; b: Node }> {
  const [a, b] = [await open(alice, 11), await open(bob, 12)];
  await a.replica.declare({
    kind: "add",
    member: bob.publicKey as PublicKey,
    role: "writer",
    nonce: new Uint8Array(16),
  });
  await give(a, b);
  return { a, b };
}

async function give(from: Node, to: Node): Promise<void> {
  for (const bytes of from.replica.missingFrom(to.replica.vector(), 1 << 20).deltas) to.replica.admit(bytes);
  await to.replica.settled();
}

const add: RunCall<null> = (transaction) => {
  transaction.field("counter", "runs").add(1);
  return { ok: true, value: null, events: [] };
};
const runs = ({ replica }: Node): number => Number(replica.document.field("counter", "runs").value());

async function poke(node: Node, handler = "onPoke"): Promise<void> {
  const poking = await node.replica.call(() => ({ ok: true, value: null, events: [poked(handler)] }));
  expect(poking.ok).toBe(true);
}

describe("the ledger", () => {
  it("opens an entry with the delta that tells the event, here and elsewhere", async () => {
    const { a, b } = await pair();
    await poke(a);
    await a.replica.call(() => ({ ok: true, value: null, events: [{ ...poked(""), handler: "" }] }));
    await give(a, b);
    expect(a.handlers.entries()).toMatchObject([{ told: "here", depth: 1, payload: { handler: "onPoke" } }]);
    expect(b.handlers.entries()).toMatchObject([{ told: "elsewhere", depth: 1, payload: { kind: "Poked" } }]);
  });

  it("closes it in the commit of what the handler wrote, whose delta names its cause", async () => {
    const { a, b } = await pair();
    await poke(a);
    await give(a, b);
    const [entry] = b.handlers.takeDue();
    expect(b.handlers.takeDue()).toEqual([]);
    const commits: number[] = [];
    b.replica.onCommit((commit) => commits.push(commit.deltas.length));
    const receipt = await b.handlers.run(must(entry, "one is due"), add);
    expect(receipt.ok).toBe(true);
    expect([runs(b), commits, b.handlers.counts]).toEqual([1, [1], { open: 0, dead: 0 }]);
    await b.replica.close();
    const again = await open(bob, 12, b.store);
    expect([runs(again), again.handlers.counts.open]).toEqual([1, 0]);
  });

  it("runs it again when the flush of its effects was lost, and once in all", async () => {
    const { a, b } = await pair();
    await poke(a);
    await give(a, b);
    const before = b.store.image();
    await b.handlers.run(must(b.handlers.takeDue()[0], "one is due"), add);
    const crashed = await open(bob, 12, createMemoryStore({ image: before }));
    expect([runs(crashed), crashed.handlers.counts.open]).toEqual([0, 1]);
    await crashed.handlers.run(must(crashed.handlers.takeDue()[0], "it is due again"), add);
    expect([runs(crashed), crashed.handlers.counts.open]).toEqual([1, 0]);
  });

  it("keeps handlers and calls of one moment in deltas of their own", async () => {
    const { a } = await pair();
    await poke(a);
    await poke(a);
    const [one, two] = a.handlers.takeDue();
    const count = a.replica.flushed.count;
    await Promise.all([
      a.replica.call(add),
      a.handlers.run(must(one, "one"), add),
      a.handlers.run(must(two, "two"), add),
      a.replica.call(add),
      a.replica.call(add),
    ]);
    expect([runs(a), a.handlers.counts.open, a.replica.flushed.count - count]).toEqual([5, 0, 4]);
  });

  it("closes an entry whose handler wrote nothing, or that is not to run here", async () => {
    const { a } = await pair();
    await poke(a);
    await poke(a);
    const [one, two] = a.handlers.takeDue();
    await a.handlers.run(must(one, "one"), () => ({ ok: true, value: null, events: [] }));
    a.handlers.skip(must(two, "two"));
    await a.replica.settled();
    expect(a.handlers.counts.open).toBe(0);
    await a.replica.close();
    expect((await open(alice, 11, a.store)).handlers.counts.open).toBe(0);
  });

  it("tells the others that one of all has run it, though it wrote nothing", async () => {
    const { a, b } = await pair();
    await poke(a);
    await give(a, b);
    const nothing: RunCall<null> = () => ({ ok: true, value: null, events: [] });
    await b.handlers.run(must(b.handlers.takeDue()[0], "due at b"), nothing, "one");
    expect(b.handlers.entries()).toEqual([]);
    await give(b, a);
    expect(a.handlers.entries()).toMatchObject([{ handledElsewhere: true }]);
    expect(runs(a)).toBe(0);
  });

  it("tries again later and later, gives up, and replays what is dead when asked", async () => {
    const { a } = await pair();
    await poke(a);
    const error: Failure = { code: "APPLICATION_ERROR", message: "it threw" };
    for (let attempt = 1; attempt <= HANDLER_ATTEMPTS_MAX; attempt++) {
      const [entry] = a.handlers.takeDue();
      await a.handlers.run(must(entry, `attempt ${attempt}`), () => ({ ok: false, error }));
      await a.replica.settled();
      expect(a.handlers.takeDue()).toEqual([]);
      if (attempt === HANDLER_ATTEMPTS_MAX) break;
      expect(must(a.handlers.nextDueMs, "it waits") - a.ports.nowMs).toBe(HANDLER_RETRY_MS * 2 ** (attempt - 1));
      a.ports.nowMs = must(a.handlers.nextDueMs, "it waits");
    }
    expect(a.handlers.counts).toEqual({ open: 0, dead: 1 });
    await a.replica.close();
    const again = await open(alice, 11, a.store);
    again.ports.nowMs = START_MS + 10_000_000;
    const [dead] = again.handlers.entries();
    expect(dead).toMatchObject({ dead: true, code: "APPLICATION_ERROR", attempts: HANDLER_ATTEMPTS_MAX });
    expect(again.handlers.replay(must(dead, "it is dead")).ok).toBe(true);
    expect(again.handlers.replay(must(dead, "it is dead"))).toMatchObject({ error: { code: "HANDLER_NOT_DEAD" } });
    await again.handlers.run(must(again.handlers.takeDue()[0], "due again"), add);
    expect([runs(again), again.handlers.counts]).toEqual([1, { open: 0, dead: 0 }]);
  });

  it("counts a run before it begins when the entry is from before the start: what ends the program is dead in the end", async () => {
    const { a } = await pair();
    await poke(a);
    let store = a.store;
    for (let attempt = 1; attempt <= HANDLER_ATTEMPTS_MAX; attempt++) {
      const started = await open(alice, 11, createMemoryStore({ image: store.image() }));
      started.ports.nowMs = START_MS + attempt * 10_000_000;
      const [entry] = started.handlers.takeDue();
      // The program ends within the run: nothing of it is told of.
      void started.handlers.run(must(entry, `attempt ${attempt}`), () => {
        store = createMemoryStore({ image: started.store.image() });
        return { ok: false, error: { code: "KILLED", message: "" } };
      });
      await started.replica.settled();
    }
    const last = await open(alice, 11, store);
    expect(last.handlers.entries()).toMatchObject([{ dead: true, attempts: HANDLER_ATTEMPTS_MAX }]);
  });

  it("counts the one run that was under way when the program ended, and none beside it", async () => {
    const { a } = await pair();
    for (let i = 0; i < 3; i++) await poke(a);
    let store = a.store;
    for (let start = 1; start <= HANDLER_ATTEMPTS_MAX; start++) {
      const started = await open(alice, 11, createMemoryStore({ image: store.image() }));
      started.ports.nowMs = START_MS + start * 10_000_000;
      const [first, ...others] = started.handlers.takeDue();
      expect(others).toEqual([]);
      expect(started.handlers.nextDueMs).toBeUndefined();
      // It ends within the run.
      void started.handlers.run(must(first, "due"), () => {
        store = createMemoryStore({ image: started.store.image() });
        return { ok: false, error: { code: "KILLED", message: "" } };
      });
      await started.replica.settled();
    }
    const last = await open(alice, 11, store);
    const attempts = last.handlers.entries().map((entry) => entry.attempts);
    expect(attempts).toEqual([HANDLER_ATTEMPTS_MAX, 0, 0]);
    // What was told since the start is not held up by what was open before.
    await poke(last, "onLater");
    last.ports.nowMs = START_MS + 1_000_000_000;
    expect(last.handlers.takeDue().map(({ payload }) => payload.handler)).toEqual(["onPoke", "onLater"]);
  });

  it("gives up what is dead for good, and nothing that is not", async () => {
    const { a } = await pair();
    await poke(a);
    const [waiting] = a.handlers.entries();
    expect(a.handlers.drop(must(waiting, "an entry"))).toMatchObject({ error: { code: "HANDLER_NOT_DEAD" } });
    const fail: RunCall<null> = () => ({ ok: false, error: { code: "APPLICATION_ERROR", message: "" } });
    for (let attempt = 1; attempt <= HANDLER_ATTEMPTS_MAX; attempt++) {
      a.ports.nowMs = START_MS + attempt * 10_000_000;
      await a.handlers.run(must(a.handlers.takeDue()[0], "due"), fail);
    }
    const [dead] = a.handlers.entries();
    expect(a.handlers.drop(must(dead, "it is dead"))).toMatchObject({ ok: true });
    expect(a.handlers.drop(must(dead, "it was dead"))).toMatchObject({ error: { code: "HANDLER_NOT_DEAD" } });
    await a.replica.settled();
    await a.replica.close();
    const again = await open(alice, 11, a.store);
    expect([again.handlers.entries(), runs(again)]).toEqual([[], 0]);
  });

  it("ends a circle of handlers: what is too deep is dead from the start", async () => {
    const { a } = await pair();
    await poke(a);
    const circle: RunCall<null> = (transaction) => {
      transaction.field("counter", "runs").add(1);
      return { ok: true, value: null, events: [poked("onPoke")] };
    };
    for (let round = 0; round < 3 * HANDLER_DEPTH_MAX; round++) {
      for (const entry of a.handlers.takeDue()) await a.handlers.run(entry, circle);
    }
    expect(runs(a)).toBe(HANDLER_DEPTH_MAX);
    expect(a.handlers.entries()).toMatchObject([{ dead: true, code: "HANDLER_DEPTH" }]);
  });

  it("counts the depth across nodes and openings", async () => {
    const { a, b } = await pair();
    await poke(a);
    await give(a, b);
    const back: RunCall<null> = () => ({ ok: true, value: null, events: [poked("onPoke")] });
    await b.handlers.run(must(b.handlers.takeDue()[0], "due at b"), back);
    await give(b, a);
    const told = a.handlers.entries().find(({ told }) => told === "elsewhere");
    expect(told).toMatchObject({ depth: 2 });
    await a.replica.close();
    const again = await open(alice, 11, a.store);
    again.handlers.skip(must(again.handlers.takeDue()[0], "a's own"));
    const entry = again.handlers.takeDue().find((due) => due.told === "elsewhere");
    await again.handlers.run(must(entry, "due at a"), back);
    expect(again.handlers.entries().at(-1)).toMatchObject({ depth: 3, told: "here" });
  });

  it("knows what another installation of the same member has done, and what another member has", async () => {
    const { a, b } = await pair();
    const second = await open(bob, 13);
    await poke(a);
    for (const node of [b, second]) await give(a, node);
    await b.handlers.run(must(b.handlers.takeDue()[0], "due at b"), add);
    for (const node of [second, a]) await give(b, node);
    expect(second.handlers.counts.open).toBe(0);
    expect(a.handlers.entries()).toMatchObject([{ told: "here", handledElsewhere: true }]);
  });

  it("refuses to open when a row is damaged", async () => {
    const { a } = await pair();
    await poke(a);
    const end = new Uint8Array(64).fill(255);
    const rows = [...a.store.range({ gte: new Uint8Array(1), lt: end })].filter(([key]) => key[32] === 101);
    const [key] = must(rows[0], "an open entry");
    await a.store.commit([{ kind: "put", key: key.slice(), value: Uint8Array.of(9) }]);
    await a.replica.close();
    await expect(open(alice, 11, a.store)).rejects.toThrow("CONTEXT_DAMAGED");
  });
});
