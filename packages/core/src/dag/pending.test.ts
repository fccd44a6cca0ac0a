import { describe, expect, it } from "vitest";
import { type DeltaId, idKey, type PublicKey } from "../base/index.ts";
import { PENDING_BYTES_MAX, PENDING_DELTAS_MAX, PENDING_DELTAS_PER_ACTOR_MAX } from "./limits.ts";
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
}

function waiting(n: number, { actor = "a", bytes = 10, proven = true, sequence = n, member }: Shape = {}): Waiting {
  const delta = { id: idOf(n), key: keyOf(n), actorKey: actor, bytes: new Uint8Array(bytes), sequence, member };
  return { proven, delta } as unknown as Waiting;
}

const keysOf = (released: readonly Waiting[]) => released.map(({ delta }) => delta.key);

describe("pending", () => {
  it("releases what waited for several deltas only with the last of them", () => {
    const pending = new Pending();
    pending.add(waiting(3), [keyOf(1), keyOf(2)]);
    expect(pending.release(keyOf(1))).toEqual([]);
    expect(pending.has(keyOf(3))).toBe(true);
    expect(keysOf(pending.release(keyOf(2)))).toEqual([keyOf(3)]);
    expect([pending.size, pending.bytes]).toEqual([0, 0]);
  });

  it("takes each delta once", () => {
    const pending = new Pending();
    pending.add(waiting(2), [keyOf(1)]);
    pending.add(waiting(2), [keyOf(1)]);
    expect([pending.size, pending.bytes]).toEqual([1, 10]);
    expect(pending.release(keyOf(1))).toHaveLength(1);
  });

  it("cascades through 10,000 deltas delivered backwards with one look at each", () => {
    const pending = new Pending();
    const count = PENDING_DELTAS_MAX;
    for (let n = count; n >= 1; n--) pending.add(waiting(n, { actor: n % 2 ? "a" : "b" }), [keyOf(n - 1)]);
    expect([pending.size, pending.evicted]).toEqual([count, 0]);
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
    pending.add(waiting(10), [keyOf(9), keyOf(1)]);
    pending.add(waiting(9), [keyOf(2)]);
    pending.add(waiting(20, { proven: false }), [keyOf(3)]);
    pending.add(waiting(30), ["early 30"]);
    expect(pending.missingFrontier(10).map(idKey).sort()).toEqual([keyOf(1), keyOf(2)]);
    expect(pending.missingFrontier(1)).toHaveLength(1);
  });

  it("extends a vector by what is proven and follows without a gap", () => {
    const pending = new Pending();
    for (const sequence of [3, 4, 6]) pending.add(waiting(sequence, { sequence }), ["x"]);
    pending.add(waiting(50, { actor: "b", sequence: 1, proven: false }), ["x"]);
    pending.add(waiting(60, { actor: "c", sequence: 1 }), ["x"]);
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
    pending.add(waiting(1, { actor: "x", member, proven: false }), ["m"]);
    expect(pending.memberOf("x")).toBeUndefined();
    pending.add(waiting(2, { actor: "x", member }), ["m"]);
    expect(pending.memberOf("x")).toBe(member);
    pending.release("m");
    expect(pending.memberOf("x")).toBeUndefined();
  });

  it("drops the oldest of an actor who floods, and none of others", () => {
    const pending = new Pending();
    pending.add(waiting(1_000_000, { actor: "honest" }), ["m"]);
    for (let n = 1; n <= PENDING_DELTAS_PER_ACTOR_MAX + 7; n++) pending.add(waiting(n), ["m"]);
    expect([pending.size, pending.evicted]).toEqual([PENDING_DELTAS_PER_ACTOR_MAX + 1, 7]);
    expect(pending.has(keyOf(7))).toBe(false);
    expect([pending.has(keyOf(8)), pending.has(keyOf(1_000_000))]).toEqual([true, true]);
  });

  it("holds no more deltas and bytes than its limits, and forgets whom the dropped ones waited for", () => {
    const pending = new Pending();
    for (let n = 1; n <= PENDING_DELTAS_MAX + 3; n++) pending.add(waiting(n, { actor: `a${n % 9}` }), [keyOf(n + 1e6)]);
    expect([pending.size, pending.evicted]).toEqual([PENDING_DELTAS_MAX, 3]);
    expect(pending.release(keyOf(1 + 1e6))).toEqual([]);
    const large = new Pending();
    for (let n = 1; n <= 40; n++) large.add(waiting(n, { bytes: 1_000_000 }), ["m"]);
    expect(large.bytes).toBeLessThanOrEqual(PENDING_BYTES_MAX);
    expect(large.size).toBe(Math.floor(PENDING_BYTES_MAX / 1_000_000));
  });
});
