/** Random values, actors and damage, for property tests and fuzzers: everything from a seeded generator. */
import {
  ACTOR_BYTES,
  type ActorId,
  actorId,
  type Prng,
  type PublicKey,
  publicKey,
  type Stamp,
} from "../../base/index.ts";
import type { Origin } from "../origin.ts";
import type { Value } from "../value.ts";

const NUMBERS = [0, -0, 1, -1, 0.5, -2.25, 1e300, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 60, 5e-324];
const STRINGS = ["", "a", "key", "zażółć", "😀", "\u0000", "\uffff", "x".repeat(40)];
const BIGINTS = [0n, 1n, -1n, 255n, 256n, -256n, 2n ** 64n, -(2n ** 100n)];

/** An actor whose bytes are all this one, except the first, so that small numbers order as they do. */
export function actorOf(index: number): ActorId {
  return actorId(new Uint8Array(ACTOR_BYTES).fill(index));
}

export function memberOf(index: number): PublicKey {
  return publicKey(new Uint8Array(32).fill(index));
}

export function originOf(stamp: number, index: number): Origin {
  return { stamp: stamp as Stamp, actor: actorOf(index), member: memberOf(index) };
}

export function drawValue(prng: Prng, depth = 3): Value {
  switch (prng.below(depth > 0 ? 8 : 6)) {
    case 0:
      return null;
    case 1:
      return prng.chance(0.5);
    case 2:
      return prng.chance(0.5) ? prng.pick(NUMBERS) : prng.below(100_000) - 50_000;
    case 3:
      return prng.pick(BIGINTS);
    case 4:
      return prng.pick(STRINGS);
    case 5:
      return prng.bytes(prng.below(5));
    case 6:
      return Array.from({ length: prng.below(4) }, () => drawValue(prng, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: prng.below(4) }, () => [prng.pick(STRINGS), drawValue(prng, depth - 1)]),
      );
  }
}
