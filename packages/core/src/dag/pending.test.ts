import { describe, expect, it } from "vitest";
import { type DeltaId, idKey, type PublicKey } from "../base/index.ts";
import type { SignedDelta } from "./delta.ts";
import {
  MISSING_FRONTIER_PER_ACTOR_MAX,
  PENDING_BYTES_MAX,
  PENDING_BYTES_PER_ACTOR_MAX,
  PENDING_DELTAS_MAX,
  PENDING_DELTAS_PER_ACTOR_MAX,
  PENDING_STALE_MS,
  PENDING_UNPROVEN_MAX,
  PENDING_UNPROVEN_PER_ACTOR_MAX,
  SIGNATURES_PER_UNPROVEN_MAX,
} from "./limits.ts";
import { Pending, type Waiting } from "./pending.ts";

const idOf = (n: number): DeltaId => {
  const id = new Uint8Array(32);
  new DataView(id.buffer).setUint32(0, n);
  return id as DeltaId;
};
const keyOf = (n: number): string => idKey(idOf(n));

interface Shape {
  readonly actor?: string;
  readonly bytes?: number;
  readonly proven?: boolean;
  readonly sequence?: number;
  readonly member?: PublicKey;
  readonly prev?: number;
}

function waiting(n: number, shape: Shape = {}): Waiting {
  const { actor = "a", bytes = 80, proven = true, sequence = n, member, prev } = shape;
  const named = { id: idOf(n), key: keyOf(n), actorKey: actor, prevKey: prev === undefined ? undefined : keyOf(prev) };
  const delta = { ...named, bytes: new Uint8Array(bytes), sequence, member };
  const proof = proven ? { isSigned: true, span: bytes } : { otherSignatures: [] };
  return { proven, delta, ...proof } as unknown as Waiting;
}

/** Waits since the start of time. */
const add = (pending: Pending, entry: Waiting, missing: readonly string[]) => pending.add(entry, missing, 0);

const keysOf = (released: readonly Waiting[]) => released.map(({ delta }) => delta.key);

describe("pending", () => {
  it("releases what waited for several deltas only with the last of them", () => {
    const pending = new Pending();
    add(pending, waiting(3), [keyOf(1), keyOf(2)]);
    expect(pending.release(keyOf(1))).toEqual([]);
    expect(pending.has(keyOf(3))).toBe(true);
    expect(keysOf(pending.release(keyOf(2)))).toEqual([keyOf(3)]);
    expect([pending.size, pending.bytes]).toEqual([0, 0]);
  });

  it("cascades through 10,000 deltas delivered backwards with one look at each", () => {
    const pending = new Pending();
    const count = PENDING_DELTAS_MAX;
    for (let n = count; n >= 1; n--) add(pending, waiting(n, { actor: n % 2 ? "a" : "b" }), [keyOf(n - 1)]);
    expect([pending.size, pending.dropped]).toEqual([count, 0]);
    const queue = [keyOf(0)];
    let looks = 0;
    for (let at = 0; at < queue.length; at++) {
      for (const { delta } of pending.release(queue[at] as string)) {
        looks++;
        queue.push(delta.key);
      }
    }
    expect(looks).toBe(count);
    expect(queue.at(-1)).toBe(keyOf(count));
    expect(pending.size).toBe(0);
  });

  it("asks for the missing frontier of all that waits, for proven deltas only", () => {
    const pending = new Pending();
    add(pending, waiting(10), [keyOf(9), keyOf(1)]);
    add(pending, waiting(9), [keyOf(2)]);
    add(pending, waiting(20, { proven: false }), [keyOf(3)]);
    add(pending, waiting(30), ["early 30"]);
    expect(pending.missingFrontier(10).map(idKey).sort()).toEqual([keyOf(1), keyOf(2)]);
    expect(pending.missingFrontier(1)).toHaveLength(1);
  });

  it("extends a vector by what is proven and follows without a gap", () => {
    const pending = new Pending();
    for (const sequence of [3, 4, 6]) add(pending, waiting(sequence, { sequence }), ["x"]);
    add(pending, waiting(50, { actor: "b", sequence: 1, proven: false }), ["x"]);
    add(pending, waiting(60, { actor: "c", sequence: 1 }), ["x"]);
    const held = pending.extend(new Map([["a", 2]]));
    expect(held).toEqual(
      new Map([
        ["a", 4],
        ["c", 1],
      ]),
    );
    expect(new Pending().extend(new Map([["a", 2]]))).toEqual(new Map([["a", 2]]));
  });

  it("knows whose an actor is while its first delta waits, and no longer", () => {
    const pending = new Pending();
    const member = new Uint8Array(32).fill(5) as PublicKey;
    add(pending, waiting(1, { actor: "x", proven: false }), ["m"]);
    expect(pending.memberOf("x")).toBeUndefined();
    add(pending, waiting(2, { actor: "x", member, proven: false }), ["m"]);
    expect(pending.memberOf("x")).toBe(member);
    pending.release("m");
    expect(pending.memberOf("x")).toBeUndefined();
  });

  it("finds what vouches for a delta: a proven one of its actor that names it", () => {
    const pending = new Pending();
    const named = { key: keyOf(1), actorKey: "a" };
    add(pending, waiting(2, { prev: 1, proven: false }), [keyOf(1)]);
    add(pending, waiting(3, { prev: 9 }), [keyOf(1)]);
    add(pending, waiting(4, { prev: 1, actor: "b" }), [keyOf(1)]);
    expect(pending.voucherOf(named)).toBeUndefined();
    add(pending, waiting(5, { prev: 1 }), [keyOf(1)]);
    expect(pending.voucherOf(named)?.delta.key).toBe(keyOf(5));
  });

  it("asks again for what is here and not proven, and for what was proven and had to go", () => {
    const pending = new Pending();
    add(pending, waiting(2), [keyOf(1)]);
    add(pending, waiting(1, { proven: false }), ["x".repeat(32)]);
    expect(pending.missingFrontier(9).map(idKey)).toEqual([keyOf(1)]);
    pending.discard(keyOf(1));
    add(pending, waiting(1), [keyOf(0)]);
    expect(pending.missingFrontier(9).map(idKey)).toEqual([keyOf(0)]);
    pending.discard(keyOf(1));
    expect(pending.missingFrontier(9).map(idKey)).toEqual([keyOf(1)]);
    pending.discard(keyOf(2));
    expect(pending.missingFrontier(9)).toEqual([]);
  });

  it("lets no actor use up what is asked for", () => {
    const pending = new Pending();
    for (let n = 0; n < 1_000; n++) add(pending, waiting(n), [keyOf(n + 5_000)]);
    add(pending, waiting(1_000, { actor: "b" }), [keyOf(9_000)]);
    const asked = pending.missingFrontier(256).map(idKey);
    expect(asked).toHaveLength(MISSING_FRONTIER_PER_ACTOR_MAX + 1);
    expect(asked).toContain(keyOf(9_000));
  });

  it("drops the oldest of an actor who floods, and none of others", () => {
    const pending = new Pending();
    add(pending, waiting(1_000_000, { actor: "honest" }), ["m"]);
    for (let n = 1; n <= PENDING_DELTAS_PER_ACTOR_MAX + 7; n++) add(pending, waiting(n), ["m"]);
    expect([pending.size, pending.dropped]).toEqual([PENDING_DELTAS_PER_ACTOR_MAX + 1, 7]);
    expect(pending.has(keyOf(7))).toBe(false);
    expect([pending.has(keyOf(8)), pending.has(keyOf(1_000_000))]).toEqual([true, true]);
    const large = new Pending();
    for (let n = 1; n <= 20; n++) add(large, waiting(n, { bytes: 1_000_000 }), ["m"]);
    expect(large.bytes).toBe(Math.floor(PENDING_BYTES_PER_ACTOR_MAX / 1_000_000) * 1_000_000);
  });

  it("holds no more deltas and bytes than its limits, and forgets whom the dropped ones waited for", () => {
    const pending = new Pending();
    for (let n = 1; n <= PENDING_DELTAS_MAX + 3; n++)
      add(pending, waiting(n, { actor: `a${n % 9}` }), [keyOf(n + 1e6)]);
    expect([pending.size, pending.dropped]).toEqual([PENDING_DELTAS_MAX, 3]);
    expect(pending.missingFrontier(1e6)).toHaveLength(9 * MISSING_FRONTIER_PER_ACTOR_MAX);
    const large = new Pending();
    for (let n = 1; n <= 40; n++) add(large, waiting(n, { bytes: 1_000_000, actor: `a${n % 5}` }), ["m"]);
    expect(large.bytes).toBeLessThanOrEqual(PENDING_BYTES_MAX);
    expect(large.size).toBe(Math.floor(PENDING_BYTES_MAX / 1_000_000));
  });

  it("gives what is not proven little room, and lets it go before all else", () => {
    const pending = new Pending();
    for (let n = 0; n < 2 * PENDING_UNPROVEN_PER_ACTOR_MAX; n++) add(pending, waiting(n, { proven: false }), ["m"]);
    expect(pending.size).toBe(PENDING_UNPROVEN_PER_ACTOR_MAX);
    const floods = PENDING_UNPROVEN_MAX + 50;
    for (let n = 0; n < floods; n++) add(pending, waiting(n + 1e5, { proven: false, actor: `${n}` }), ["m"]);
    expect(pending.size).toBe(PENDING_UNPROVEN_MAX);
    for (let n = 0; n < PENDING_DELTAS_MAX; n++) add(pending, waiting(n + 2e5, { actor: `b${n % 3}` }), ["m"]);
    expect(pending.size).toBe(PENDING_DELTAS_MAX);
    expect(pending.has(keyOf(2e5))).toBe(true);
    expect(pending.has(keyOf(1e5 + floods - 1))).toBe(false);
  });

  it("keeps a few copies of what is not proven, each with another signature", () => {
    const pending = new Pending();
    add(pending, waiting(1, { proven: false }), ["m"]);
    for (let n = 0; n < 9; n++) {
      const { delta } = waiting(1, { proven: false });
      pending.addCopy({ ...delta, bytes: new Uint8Array(80).fill(n >> 1) } as SignedDelta);
    }
    const [entry] = pending.unprovenOf("a");
    expect(entry?.otherSignatures).toHaveLength(SIGNATURES_PER_UNPROVEN_MAX - 1);
  });

  it("lets go of what has waited too long for what nobody brings, then of what waited for that", () => {
    const pending = new Pending();
    add(pending, waiting(3), [keyOf(2)]);
    add(pending, waiting(2), [keyOf(1)]);
    add(pending, waiting(5), ["early: a moment, which comes by itself and is longer than a key"]);
    add(pending, waiting(6, { proven: false }), [keyOf(5)]);
    pending.add(waiting(7), [keyOf(1)], 1);
    expect(pending.dropStale(PENDING_STALE_MS - 1)).toEqual([]);
    expect(keysOf(pending.dropStale(PENDING_STALE_MS))).toEqual([keyOf(2), keyOf(6)]);
    expect(keysOf(pending.dropStale(PENDING_STALE_MS))).toEqual([keyOf(3)]);
    expect([pending.has(keyOf(5)), pending.has(keyOf(7))]).toEqual([true, true]);
  });

  it("tells what has changed since it was written", () => {
    const pending = new Pending();
    add(pending, waiting(1), ["m"]);
    add(pending, waiting(2), ["n"]);
    expect(pending.takeDirty()).toMatchObject([{ held: { sinceMs: 0 } }, { held: { sinceMs: 0 } }]);
    expect(pending.takeDirty()).toEqual([]);
    pending.release("m");
    expect(pending.takeDirty()).toEqual([{ key: keyOf(1), held: undefined }]);
  });
});
