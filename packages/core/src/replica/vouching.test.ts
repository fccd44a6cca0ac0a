/** One signature proves what it names: each way to cheat that, by name, and the histories that broke weaker rules. */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { bytesEqual, bytesToHex, concatBytes, createPrng, idKey, must, type Stamp } from "../base/index.ts";
import { type Crypto, createCrypto } from "../crypto/index.ts";
import { type AuthenticDelta, decodeDelta, SIGNATURE_BYTES } from "../dag/index.ts";
import { COPIES_CHECKED_PER_BATCH_MAX, SIGNATURES_PER_UNPROVEN_MAX, VOUCHING_BYTES_MAX } from "../dag/limits.ts";
import { auditContext } from "./audit.ts";
import { Replica } from "./replica.ts";
import { Author, type Parent, rootOf, statementEntry, type TestPorts, testGenesis, testPorts } from "./testing.ts";

/** Counts the signatures that are checked. */
function counting(): { readonly crypto: Crypto; checks: number } {
  const real = createCrypto();
  const counted = {
    checks: 0,
    crypto: {
      ...real,
      verify: (...given: Parameters<Crypto["verify"]>) => {
        counted.checks++;
        return real.verify(...given);
      },
    },
  };
  return counted;
}

const FOUNDER = createCrypto().createSigner(createPrng(1).bytes(32));
const GENESIS = testGenesis(FOUNDER, 1);

/** A context with two writers, and replicas of it that hold what all have in common. */
async function scene() {
  const decoded = decodeDelta(createCrypto(), GENESIS.context, GENESIS.bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const authors = [11, 12].map((seed) => authorOf(seed)) as [Author, Author];
  const nonce = new Uint8Array(16);
  const entries = authors.map(({ signer }) =>
    statementEntry({ kind: "add", member: signer.publicKey, role: "writer", nonce }),
  );
  const root = decoded.value as unknown as AuthenticDelta;
  const base = new Author(GENESIS.context, FOUNDER, 3).write([root], { entries });
  const open = async (seed: number, at?: TestPorts) => {
    const counted = counting();
    const ports = at ?? Object.assign(testPorts(createMemoryStore(), seed), { crypto: counted.crypto });
    const signer = createCrypto().createSigner(createPrng(seed).bytes(32));
    const opened = await Replica.open(ports, { context: GENESIS.context, signer, place: "here" });
    if (!opened.ok) throw new Error(opened.error.message);
    const replica = opened.value;
    if (!at) replica.admitMany([GENESIS.bytes, base.bytes]);
    return { replica, ports, counted };
  };
  return { authors, base, open };
}

function authorOf(seed: number): Author {
  return new Author(GENESIS.context, createCrypto().createSigner(createPrng(seed).bytes(32)), seed);
}

/** A chain of one author, each on the one before. */
function chainOf(author: Author, from: Parent, length: number, payloadBytes = 0): AuthenticDelta[] {
  const deltas: AuthenticDelta[] = [];
  for (let i = 0; i < length; i++) {
    const entries = [{ kind: "call", offset: 0, joins: new Uint8Array(payloadBytes), events: [] } as const];
    deltas.push(author.write([deltas.at(-1) ?? from], { entries }));
  }
  return deltas;
}

function spoilt({ bytes }: Pick<AuthenticDelta, "bytes">, salt = 1): Uint8Array {
  const bad = bytes.slice();
  const at = bad.length - SIGNATURE_BYTES + 40;
  bad[at] = (bad[at] ?? 0) ^ salt;
  return bad;
}

const bytesOf = (deltas: readonly AuthenticDelta[]) => deltas.map(({ bytes }) => bytes);
const kinds = (outcome: { readonly verdicts: readonly { readonly kind: string }[] }) =>
  outcome.verdicts.map(({ kind }) => kind);
const keysOf = (outcome: { readonly admitted: readonly { readonly delta: { readonly key: string } }[] }) =>
  outcome.admitted.map(({ delta }) => delta.key);

/** Everything that `to` lacks, page by page, as a peer would be sent it. */
function sendAll(from: Replica, to: Replica, bytesMax = 1e6): string[] {
  const codes: string[] = [];
  for (let page = 0; page < 100; page++) {
    const { deltas, more } = from.missingFrom(to.heldVector(), bytesMax);
    const wanted = to.missingFrontier(256).map(idKey);
    const answer = wanted.length > 0 ? from.byKey(wanted, bytesMax).deltas : deltas;
    const { verdicts } = to.admitMany(answer);
    for (const verdict of verdicts) if (verdict.kind === "refused" && !verdict.isProof) codes.push(verdict.error.code);
    if (!more && wanted.length === 0) break;
  }
  return codes;
}

async function same(a: Replica, b: Replica): Promise<void> {
  await Promise.all([a.settled(), b.settled()]);
  expect(b.flushed.heads.map(bytesToHex).sort()).toEqual(a.flushed.heads.map(bytesToHex).sort());
  expect(rootOf(b)).toBe(rootOf(a));
}

describe("vouching through prev", () => {
  it("costs one check per actor and batch, also backwards", async () => {
    const { authors, base, open } = await scene();
    const batch = bytesOf([...chainOf(authors[0], base, 50), ...chainOf(authors[1], base, 50)]);
    for (const order of [batch, [...batch].reverse()]) {
      const { replica, counted } = await open(20);
      const before = counted.checks;
      expect(replica.admitMany(order).admitted).toHaveLength(100);
      expect(counted.checks - before).toBe(2);
      expect(replica.pendingSize).toBe(0);
    }
  });

  it("takes deltas that come alone and backwards by the signature of the last", async () => {
    const { authors, base, open } = await scene();
    const { replica, counted } = await open(20);
    const chain = chainOf(authors[0], base, 30);
    replica.admit(must(chain[0], "a first").bytes);
    const before = counted.checks;
    for (const { bytes } of chain.slice(1).reverse()) replica.admit(bytes);
    expect(counted.checks - before).toBe(1);
    expect([replica.pendingSize, replica.vector().get(idKey(authors[0].actor))]).toEqual([0, 30]);
  });

  it("B1: a delta with a bad signature beneath a good one is admitted by whoever sees both, in any order", async () => {
    const { authors, base, open } = await scene();
    const [first, forged, tip] = chainOf(authors[0], base, 3) as [AuthenticDelta, AuthenticDelta, AuthenticDelta];
    const byGossip = await open(20);
    byGossip.replica.admit(first.bytes);
    expect(byGossip.replica.admit(spoilt(forged))).toMatchObject({
      kind: "refused",
      error: { code: "DELTA_UNPROVEN" },
    });
    expect(byGossip.replica.admit(tip.bytes).kind).toBe("pending");
    expect(byGossip.replica.missingFrontier(9)).toEqual([forged.id]);
    const byCatchUp = await open(21);
    const outcome = byCatchUp.replica.admitMany([first.bytes, spoilt(forged), tip.bytes]);
    expect(kinds(outcome)).toEqual(["admitted", "admitted", "admitted"]);
    const built = authors[1].write([forged]);
    expect(byCatchUp.replica.admit(built.bytes).kind).toBe("admitted");
    await byCatchUp.replica.settled();
    expect(sendAll(byCatchUp.replica, byGossip.replica)).toEqual([]);
    await same(byCatchUp.replica, byGossip.replica);
  });

  it("hands on a delta whose own signature is bad only with what vouches for it, and nobody is charged", async () => {
    const { authors, base, open } = await scene();
    const chain = chainOf(authors[0], base, 12, 1_000);
    const { replica } = await open(20);
    replica.admitMany(chain.map((delta, i) => (i % 4 === 3 ? delta.bytes : spoilt(delta))));
    await replica.settled();
    const page = replica.byKey([must(chain[4], "a fifth").key], 1e6);
    expect(page.deltas.map((bytes) => bytesToHex(bytes))).toEqual(
      [spoilt(chain[4]!), spoilt(chain[5]!), spoilt(chain[6]!), chain[7]!.bytes].map(bytesToHex),
    );
    const joiner = await open(21);
    expect(sendAll(replica, joiner.replica, 2_500)).toEqual([]);
    await same(replica, joiner.replica);
  });

  it("checks an unchecked signature before its delta goes out as the last of its actor, and only then", async () => {
    const { authors, base, open } = await scene();
    const chain = chainOf(authors[0], base, 20, 100);
    const { replica, counted } = await open(20);
    replica.admitMany(bytesOf(chain));
    await replica.settled();
    const before = counted.checks;
    expect(replica.missingFrom(new Map([[idKey(authors[0].actor), 0]]), 1_500).more).toBe(true);
    expect(counted.checks - before).toBe(1);
    replica.missingFrom(new Map([[idKey(authors[0].actor), 0]]), 1_500);
    expect(counted.checks - before).toBe(1);
  });

  it("keeps as evidence a delta that vouches for an admitted one and is itself refused, and hands it on", async () => {
    const { authors, base, open } = await scene();
    const [first, hidden] = chainOf(authors[0], base, 2) as [AuthenticDelta, AuthenticDelta];
    // Signed well, names a good delta, and is invalid: its stamp is not above its parent's.
    const proof = authors[0].write([hidden], { stamp: hidden.stamp });
    const { replica, ports } = await open(20);
    const outcome = replica.admitMany([first.bytes, spoilt(hidden), proof.bytes]);
    expect(kinds(outcome)).toEqual(["admitted", "admitted", "refused"]);
    expect(outcome.verdicts[2]).toMatchObject({ isProof: true, error: { code: "DELTA_INVALID" } });
    replica.admit(authors[1].write([hidden]).bytes);
    await replica.close();
    expect(auditContext(ports.crypto, ports.store, GENESIS.context)).toMatchObject({ ok: true });
    const reopened = await open(20, ports);
    const joiner = await open(21);
    expect(sendAll(reopened.replica, joiner.replica)).toEqual([]);
    await same(reopened.replica, joiner.replica);
    await joiner.replica.settled();
    const third = await open(22);
    expect(sendAll(joiner.replica, third.replica)).toEqual([]);
    await same(joiner.replica, third.replica);
  });

  it("keeps the evidence also when the one that vouches is dropped before its parents come", async () => {
    const { authors, base, open } = await scene();
    const [first, hidden] = chainOf(authors[0], base, 2) as [AuthenticDelta, AuthenticDelta];
    const unseen = authors[1].write([base]);
    const tip = authors[0].write([hidden, unseen]);
    const { replica, ports } = await open(20);
    replica.admitMany([first.bytes, spoilt(hidden), tip.bytes]);
    expect([replica.has(hidden.key), replica.pendingSize]).toEqual([true, 1]);
    await replica.settled();
    const alone = () => replica.byKey([hidden.key], 1e6).deltas;
    expect(alone().map((bytes) => bytesEqual(bytes, tip.bytes))).toEqual([false, true]);
    ports.nowMs += 400_000;
    replica.tick();
    expect(replica.pendingSize).toBe(0);
    expect(alone().map((bytes) => bytesEqual(bytes, tip.bytes))).toEqual([false, true]);
    const joiner = await open(21);
    joiner.replica.admitMany([first.bytes]);
    expect(kinds(joiner.replica.admitMany(alone()))).toEqual(["admitted", "pending"]);
  });
});

describe("no delta is proven", () => {
  it("forged: by a signature of another key", async () => {
    const { authors, base, open } = await scene();
    const { replica } = await open(20);
    const [first] = chainOf(authors[0], base, 1) as [AuthenticDelta];
    const author = { first: false, actor: authors[0].actor, sequence: 2, prev: first.id } as const;
    const forged = authorOf(12).write([first], { body: { author } });
    const next = { first: false, actor: authors[0].actor, sequence: 3, prev: forged.id } as const;
    const above = authorOf(12).write([forged], { body: { author: next } });
    expect(kinds(replica.admitMany([first.bytes, forged.bytes, above.bytes]))).toEqual([
      "admitted",
      "refused",
      "refused",
    ]);
    expect(replica.pendingSize).toBe(0);
  });

  it("spliced: by a good delta that names another, or is another actor's", async () => {
    const { authors, base, open } = await scene();
    const [first, second, third] = chainOf(authors[0], base, 3) as [AuthenticDelta, AuthenticDelta, AuthenticDelta];
    const spliced = authors[0].write([first], { after: first, stamp: second.stamp + 7 });
    const other = authors[1].write([spliced]);
    const across = authors[1].write([spliced], {
      body: { author: { first: false, actor: authors[1].actor, sequence: 2, prev: spliced.id } },
    });
    const { replica } = await open(20);
    const outcome = replica.admitMany([
      first.bytes,
      second.bytes,
      spoilt(spliced),
      third.bytes,
      other.bytes,
      across.bytes,
    ]);
    expect(kinds(outcome)).toEqual(["admitted", "admitted", "refused", "admitted", "pending", "pending"]);
    expect(replica.has(spliced.key)).toBe(false);
  });

  it("forked: by the other branch; each branch by its own", async () => {
    const { authors, base, open } = await scene();
    const [first, left, onLeft] = chainOf(authors[0], base, 3) as [AuthenticDelta, AuthenticDelta, AuthenticDelta];
    const right = authors[0].write([first], { after: first, stamp: left.stamp + 1 });
    const onRight = authors[0].write([right], { after: right });
    const { replica } = await open(20);
    const partly = replica.admitMany([first.bytes, spoilt(left), onLeft.bytes, spoilt(right)]);
    expect(kinds(partly)).toEqual(["admitted", "admitted", "admitted", "refused"]);
    expect(kinds(replica.admitMany([spoilt(right), onRight.bytes]))).toEqual(["admitted", "admitted"]);
  });

  it("replayed: in another context", async () => {
    const { authors, base, open } = await scene();
    const chain = chainOf(authors[0], base, 3);
    const elsewhere = testGenesis(FOUNDER, 2);
    const ports = testPorts(createMemoryStore(), 30);
    const opened = await Replica.open(ports, { context: elsewhere.context, signer: FOUNDER, place: "here" });
    if (!opened.ok) throw new Error(opened.error.message);
    opened.value.admit(elsewhere.bytes);
    const outcome = opened.value.admitMany(bytesOf(chain));
    expect(keysOf(outcome)).toEqual([]);
    expect(opened.value.has(chain[0]!.key)).toBe(false);
    const { replica } = await open(20);
    replica.admitMany(bytesOf(chain));
    expect(kinds(replica.admitMany(bytesOf(chain)))).toEqual(["duplicate", "duplicate", "duplicate"]);
  });

  it("self-vouching: by itself, or in a ring", async () => {
    const { authors, base, open } = await scene();
    const [first, second] = chainOf(authors[0], base, 2) as [AuthenticDelta, AuthenticDelta];
    const { replica } = await open(20);
    // No delta can name itself or a later one: its id covers what it names. Two bad ones prove nothing of each other.
    expect(kinds(replica.admitMany([spoilt(first), spoilt(second)]))).toEqual(["refused", "refused"]);
    expect(kinds(replica.admitMany([spoilt(second), spoilt(first)]))).toEqual(["refused", "refused"]);
  });

  it("reissued: with another body under a signature that was good for the first", async () => {
    const { authors, base, open } = await scene();
    const [first, second, third] = chainOf(authors[0], base, 3) as [AuthenticDelta, AuthenticDelta, AuthenticDelta];
    const signature = second.bytes.subarray(second.bytes.length - SIGNATURE_BYTES);
    const again = authors[0].write([first], { after: first, stamp: (second.stamp + 3) as Stamp });
    const body = again.bytes.subarray(0, again.bytes.length - SIGNATURE_BYTES);
    const { replica } = await open(20);
    const outcome = replica.admitMany([first.bytes, concatBytes(body, signature), third.bytes]);
    expect(kinds(outcome)).toEqual(["admitted", "refused", "pending"]);
  });

  it("of its own actor that this node did not write, but by its own signature", async () => {
    const { authors, base, open } = await scene();
    const ports = testPorts(createMemoryStore(), 40);
    const signer = authors[0].signer;
    const openOwn = async () => {
      const opened = await Replica.open(ports, { context: GENESIS.context, signer, place: "here" });
      if (!opened.ok) throw new Error(opened.error.message);
      return opened.value;
    };
    const replica = await openOwn();
    replica.admitMany([GENESIS.bytes, base.bytes]);
    await replica.call((transaction) => {
      transaction.field("counter", "c").add(1);
      return { ok: true, value: null, events: [] };
    });
    const [own] = replica.byKey(replica.flushed.heads.map(idKey), 1e6).deltas.map((bytes) => {
      const decoded = decodeDelta(ports.crypto, GENESIS.context, bytes);
      return decoded.ok ? (decoded.value as unknown as AuthenticDelta) : undefined;
    });
    const written = must(own, "what was just written");
    // Another copy of the store goes on as the same actor.
    const clone = new Author(GENESIS.context, signer, 0);
    const author = { first: false, actor: written.actor, sequence: 2, prev: written.id } as const;
    const unknown = clone.write([written], { body: { author } });
    const next = { first: false, actor: written.actor, sequence: 3, prev: unknown.id } as const;
    const tip = clone.write([unknown], { body: { author: next } });
    // The tip's own signature is good, and says that there is a clone; what it names is not taken on its word.
    const outcome = replica.admitMany([spoilt(unknown), tip.bytes]);
    expect(kinds(outcome)).toEqual(["refused", "pending"]);
    const other = await open(20);
    other.replica.admit(written.bytes);
    expect(replica.admit(unknown.bytes).kind).toBe("admitted");
    expect(kinds(other.replica.admitMany([spoilt(unknown), tip.bytes]))).toEqual(["admitted", "admitted"]);
  });
});

describe("a copy with a bad signature of an actor that is not known", () => {
  it("displaces the good one neither before it nor after it", async () => {
    const { authors, base, open } = await scene();
    const [first, second] = chainOf(authors[0], base, 2) as [AuthenticDelta, AuthenticDelta];
    for (const copies of [
      [spoilt(second), second.bytes],
      [second.bytes, spoilt(second)],
      [...Array.from({ length: SIGNATURES_PER_UNPROVEN_MAX - 1 }, (_, i) => spoilt(second, i + 1)), second.bytes],
    ]) {
      const { replica } = await open(20);
      for (const copy of copies) replica.admit(copy);
      expect(replica.pendingSize).toBe(1);
      expect(keysOf(replica.admitMany([first.bytes]))).toEqual([first.key, second.key]);
    }
  });

  it("is not held, so the good one is asked for, however many bad ones came first", async () => {
    const { authors, base, open } = await scene();
    const [first, second] = chainOf(authors[0], base, 2) as [AuthenticDelta, AuthenticDelta];
    const { replica } = await open(20);
    for (let salt = 1; salt <= SIGNATURES_PER_UNPROVEN_MAX + 3; salt++) replica.admit(spoilt(second, salt));
    replica.admit(second.bytes);
    expect(replica.heldVector().get(idKey(authors[0].actor))).toBeUndefined();
    expect(keysOf(replica.admitMany([first.bytes]))).toEqual([first.key]);
    expect(replica.pendingSize).toBe(0);
    expect(replica.admit(second.bytes).kind).toBe("admitted");
  });
});

it("checks few copies of what waits and is proven already: nobody is charged for them", async () => {
  const { authors, base, open } = await scene();
  const [first] = chainOf(authors[0], base, 1) as [AuthenticDelta];
  const other = await open(21);
  const unseen = authors[1].write([base]);
  const blocked = authors[0].write([first, unseen]);
  const after = chainOf(authors[0], blocked, COPIES_CHECKED_PER_BATCH_MAX + 10);
  other.replica.admitMany(bytesOf([first, blocked, ...after]));
  expect(other.replica.pendingSize).toBe(after.length + 1);
  const before = other.counted.checks;
  other.replica.admitMany(after.map((delta) => spoilt(delta)));
  expect(other.counted.checks - before).toBe(COPIES_CHECKED_PER_BATCH_MAX);
});

it("bounds the bytes from a bad signature to a good one, so that what proves a delta fits the frame that it goes out in", async () => {
  const { authors, base, open } = await scene();
  const large = VOUCHING_BYTES_MAX / 2 + 1_000;
  const [first] = chainOf(authors[0], base, 1) as [AuthenticDelta];
  const far = chainOf(authors[0], first, 3, large);
  const { replica } = await open(20);
  replica.admit(first.bytes);
  const tooFar = replica.admitMany([spoilt(far[0]!), spoilt(far[1]!), far[2]!.bytes]);
  expect(kinds(tooFar)).toEqual(["refused", "refused", "pending"]);
  // What lies between is good by itself: the far one is near.
  const near = await open(21);
  near.replica.admit(first.bytes);
  const [small] = chainOf(authors[0], far[2]!, 1) as [AuthenticDelta];
  const middle = chainOf(authors[0], small, 1, VOUCHING_BYTES_MAX - 10_000) as [AuthenticDelta];
  const last = chainOf(authors[0], middle[0], 1, 20_000) as [AuthenticDelta];
  near.replica.admitMany(bytesOf(far));
  const inReach = near.replica.admitMany([spoilt(small), middle[0].bytes, last[0].bytes]);
  expect(kinds(inReach)).toEqual(["admitted", "admitted", "admitted"]);
});
