/** A right that is lost while its holder writes: the histories of counterexample C1, and what an attacker makes of them. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { bytesToHex, createPrng, type PublicKey } from "../base/index.ts";
import type { AuthenticDelta } from "../dag/index.ts";
import { decodeDelta } from "../dag/index.ts";
import { auditContext } from "./audit.ts";
import { NEED_DELAY_MAX_MS } from "./limits.ts";
import { Replica } from "./replica.ts";
import { Author, rootOf, START_MS, statementEntry, type TestPorts, testGenesis, testPorts } from "./testing.ts";

const nonce = new Uint8Array(16);

interface Node {
  readonly ports: TestPorts;
  readonly replica: Replica;
}

/** Ann founds, ben and cat write, dan reads; a replica for each of those who are named. */
async function scene(seed: number) {
  const prng = createPrng(seed);
  const { crypto } = testPorts(createMemoryStore(), seed);
  const signers = Array.from({ length: 4 }, () => crypto.createSigner(prng.bytes(32)));
  const [founder, benKey, catKey, danKey] = signers as [(typeof signers)[0], ...typeof signers];
  const genesis = testGenesis(founder!, seed);
  const decoded = decodeDelta(crypto, genesis.context, genesis.bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const [ann, ben, cat, dan] = signers.map((signer, i) => new Author(genesis.context, signer, seed * 10 + i)) as [
    Author,
    Author,
    Author,
    Author,
  ];
  const roles = ["writer", "writer", "reader"] as const;
  const entries = [benKey, catKey, danKey].map((signer, i) =>
    statementEntry({ kind: "add", member: signer!.publicKey, role: roles[i]!, nonce }),
  );
  const base = ann.write([decoded.value as unknown as AuthenticDelta], { entries });
  const open = async (who: number, store = createMemoryStore()): Promise<Node> => {
    const ports = testPorts(store, seed * 100 + who);
    const opened = await Replica.open(ports, { context: genesis.context, signer: signers[who]!, place: "here" });
    if (!opened.ok) throw new Error(opened.error.message);
    if (opened.value.flushed.count === 0) for (const { bytes } of [genesis, base]) opened.value.admit(bytes);
    return { ports, replica: opened.value };
  };
  return { ann, ben, cat, dan, base, open, genesis };
}

const removal = (author: Author, of: PublicKey, after: readonly AuthenticDelta[]) =>
  author.write(after, { entries: [statementEntry({ kind: "remove", member: of })] });

function writing(author: Author, key: string, after: readonly AuthenticDelta[]): AuthenticDelta {
  const latest = [...after, ...(author.latest ? [author.latest] : [])];
  const stamp = Math.max(...latest.map((delta) => delta.stamp), START_MS * 2048) + 1;
  return author.write(after, { stamp, entries: [author.entry(stamp, (t) => t.field("map", "m").set(key, 1))] });
}

/** Lets time go by until whoever may vouch has. */
async function rest({ ports, replica }: Node): Promise<void> {
  for (let ms = 0; ms <= NEED_DELAY_MAX_MS; ms += 250) {
    ports.nowMs += 250;
    replica.tick();
  }
  await replica.settled();
}

async function tell(from: Node, to: Node): Promise<void> {
  await from.replica.settled();
  for (const bytes of from.replica.missingFrom(to.replica.vector(), 1e9).deltas) to.replica.admit(bytes);
  await to.replica.settled();
}

const keysOf = ({ replica }: Node): string[] => [...replica.document.field("map", "m").keys()].sort();

describe("a right that is not there yet", () => {
  it("lets nobody speak on heads where others do not know of it", async () => {
    const { ann, ben, base, open } = await scene(6);
    const x = await open(1);
    const early = ann.write([base], { stamp: (START_MS + 120_000) * 2048 });
    const raised = { kind: "role", member: ben.signer.publicKey, role: "admin" } as const;
    for (const { bytes } of [early, ann.write([early], { entries: [statementEntry(raised)] })]) {
      expect(x.replica.admit(bytes).kind).toBe("pending");
    }
    const refused = await x.replica.declare({ kind: "remove", member: ann.signer.publicKey });
    expect(refused).toMatchObject({ ok: false, error: { code: "ACCESS_DENIED" } });
    x.ports.nowMs += 120_000;
    x.replica.tick();
    expect(x.replica.roleOf(ben.signer.publicKey)).toBe("admin");
  });
});

describe("C1: a removal that its victim did not know of", () => {
  it.each([
    ["an idle writer", 2],
    ["a reader", 3],
  ])("ends in one state, also when only %s had what the victim wrote", async (_name, holder) => {
    const { ann, ben, base, open } = await scene(holder);
    const [x, y] = [await open(0), await open(holder)];
    const [written, removed] = [writing(ben, "late", [base]), removal(ann, ben.signer.publicKey, [base])];
    for (const delta of [written, removed]) expect(y.replica.admit(delta.bytes).kind).toBe("admitted");
    expect(x.replica.admit(removed.bytes).kind).toBe("admitted");
    expect(x.replica.admit(written.bytes)).toMatchObject({ kind: "pending" });
    expect(x.replica.missingFrontier(10)).toEqual([]);
    expect(keysOf(x)).toEqual([]);
    await rest(x);
    await tell(x, y);
    expect(y.replica.flushed.count).toBe(4);
    await rest(y);
    expect(y.replica.flushed.count).toBe(5);
    await tell(y, x);
    expect(keysOf(x)).toEqual(["late"]);
    expect(rootOf(x.replica)).toBe(rootOf(y.replica));
    expect(x.replica.flushed.heads.map(bytesToHex)).toEqual(y.replica.flushed.heads.map(bytesToHex));
    // One endorsement is enough, and none asks for another.
    for (const node of [x, y]) await rest(node);
    expect([x.replica.flushed.count, y.replica.flushed.count]).toEqual([5, 5]);
    expect(auditContext(x.ports.crypto, x.ports.store, x.replica.context)).toMatchObject({ ok: true });
  });

  it("does not keep back the word of a member who leaves, or nobody would hear of it", async () => {
    const { ben, base, open } = await scene(2);
    const x = await open(0);
    const first = writing(ben, "first", [base]);
    const left = removal(ben, ben.signer.publicKey, [first]);
    for (const delta of [first, left]) expect(x.replica.admit(delta.bytes).kind).toBe("admitted");
    expect(x.replica.roleOf(ben.signer.publicKey)).toBeUndefined();
    expect(keysOf(x)).toEqual(["first"]);
    const beside = ben.write([first], { after: first, stamp: left.stamp + 1 });
    expect(x.replica.admit(beside.bytes)).toMatchObject({ kind: "pending" });
  });

  it("keeps out what nobody had admitted, with all that is built on it", async () => {
    const { ann, ben, base, open } = await scene(4);
    const x = await open(0);
    const removed = removal(ann, ben.signer.publicKey, [base]);
    const first = writing(ben, "one", [base]);
    const second = writing(ben, "two", [first]);
    for (const delta of [removed, second, first]) x.replica.admit(delta.bytes);
    await rest(x);
    expect(keysOf(x)).toEqual([]);
    expect(x.replica.pendingSize).toBe(2);
    expect(x.replica.admit(writing(ben, "three", [second, removed]).bytes)).toMatchObject({ kind: "pending" });
    // What names its removal is refused for good.
    const after = writing(ben, "four", [removed]);
    expect(x.replica.admit(ben.write([removed], { after: undefined, stamp: after.stamp }).bytes)).toMatchObject({
      kind: "refused",
      error: { code: "DELTA_FORBIDDEN" },
    });
  });

  it("lets in what a member who remains has built on, and not what the removed one built on that", async () => {
    const { ann, ben, cat, base, open } = await scene(5);
    const x = await open(0);
    const removed = removal(ann, ben.signer.publicKey, [base]);
    const first = writing(ben, "one", [base]);
    const second = writing(ben, "two", [first]);
    const seen = writing(cat, "seen", [first]);
    for (const delta of [removed, seen, second, first]) x.replica.admit(delta.bytes);
    await x.replica.settled();
    expect(keysOf(x)).toEqual(["one", "seen"]);
    expect(x.replica.pendingSize).toBe(1);
  });

  it("takes no stranger's word, nor that of another who was removed", async () => {
    const { ann, ben, cat, dan, base, open } = await scene(6);
    const x = await open(0);
    const removed = removal(ann, ben.signer.publicKey, [base]);
    const both = removal(ann, cat.signer.publicKey, [removed]);
    const first = writing(ben, "one", [base]);
    const vouched = writing(cat, "seen", [first]);
    for (const delta of [removed, both, first, vouched]) x.replica.admit(delta.bytes);
    expect(keysOf(x)).toEqual([]);
    expect(x.replica.pendingSize).toBe(2);
    const word = dan.write([vouched], { entries: [], body: { payload: new Uint8Array(0) } });
    x.replica.admit(word.bytes);
    await x.replica.settled();
    expect(keysOf(x)).toEqual(["one", "seen"]);
  });

  it("waits again after the context was closed and opened", async () => {
    const { ann, ben, cat, base, open } = await scene(7);
    const store = createMemoryStore();
    const x = await open(0, store);
    const first = writing(ben, "one", [base]);
    for (const delta of [removal(ann, ben.signer.publicKey, [base]), first]) x.replica.admit(delta.bytes);
    await x.replica.close();
    const again = await open(0, store);
    again.replica.admit(first.bytes);
    expect(keysOf(again)).toEqual([]);
    again.replica.admit(writing(cat, "seen", [first]).bytes);
    await again.replica.settled();
    expect(keysOf(again)).toEqual(["one", "seen"]);
  });
});

describe("C1: a demotion", () => {
  it("keeps back what was written meanwhile, whatever the demoted member says about it itself", async () => {
    const { ann, ben, cat, base, open } = await scene(8);
    const x = await open(0);
    const demoted = ann.write([base], {
      entries: [statementEntry({ kind: "role", member: ben.signer.publicKey, role: "reader" })],
    });
    const written = writing(ben, "late", [base]);
    const own = ben.write([written, demoted], { body: { payload: new Uint8Array(0) } });
    for (const delta of [demoted, written, own]) x.replica.admit(delta.bytes);
    expect(keysOf(x)).toEqual([]);
    x.replica.admit(cat.write([own]).bytes);
    await x.replica.settled();
    expect(keysOf(x)).toEqual(["late"]);
  });

  it("is undone for what waits when the right is given back", async () => {
    const { ann, ben, base, open } = await scene(9);
    const x = await open(0);
    const removed = removal(ann, ben.signer.publicKey, [base]);
    const written = writing(ben, "late", [base]);
    for (const delta of [removed, written]) x.replica.admit(delta.bytes);
    const back = statementEntry({ kind: "add", member: ben.signer.publicKey, role: "writer", nonce });
    x.replica.admit(ann.write([removed], { entries: [back] }).bytes);
    await x.replica.settled();
    expect(keysOf(x)).toEqual(["late"]);
  });
});

describe("a retired actor", () => {
  it("writes no more, while its member does by another", async () => {
    const { ann, ben, base, open, genesis } = await scene(10);
    const x = await open(0);
    const first = writing(ben, "one", [base]);
    const other = new Author(genesis.context, ben.signer, 999);
    const retired = other.write([first], { entries: [statementEntry({ kind: "retire", actor: ben.actor })] });
    for (const delta of [first, retired]) expect(x.replica.admit(delta.bytes).kind).toBe("admitted");
    expect(x.replica.admit(writing(ben, "two", [first]).bytes)).toMatchObject({ kind: "pending" });
    expect(x.replica.admit(writing(other, "three", [retired]).bytes).kind).toBe("admitted");
    expect(keysOf(x)).toEqual(["one", "three"]);
    expect(x.replica.admit(writing(ann, "four", [retired]).bytes).kind).toBe("admitted");
  });
});
