/**
 * Who is there, and what they show of themselves: `here: presence<{ typing: boolean }>()`. Not stored and in no delta:
 * each node signs what it shows, sends it to the context's members, and all forget it when its time is over. A node has
 * one of it, so an application declares at most one such field; pages show the same through the client.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Check, checkOf } from "./check.ts";
import { host } from "./host.ts";
import { encodeStrict, type Value } from "./value.ts";

/** A member's node that is there now. */
export interface Present<V extends Value> {
  /** The member's public key in base58. A member may be there with several nodes. */
  readonly publicKey: string;
  readonly installation: string;
  readonly data: V;
}

export interface ReadonlyPresence<V extends Value> {
  /**
   * Who is there now, this node among them if it shows itself. What others show is theirs to choose: with a schema,
   * those whose data it refuses are left out.
   */
  list(): Present<V>[];
}

export interface Presence<V extends Value> extends ReadonlyPresence<V> {
  /** Shows the members this for `ttlMs`, 30,000 unless said, once the call has succeeded. Set it again to stay. */
  set(data: V, options?: { readonly ttlMs?: number }): void;
  clear(): void;
}

declare const shown: unique symbol;
export interface PresenceField<V extends Value> {
  readonly presence: Check<V>;
  readonly [shown]?: V;
}

const TTL_MS = 30_000;

/** Declares what members show of themselves. A schema checks it, on the way out and in. */
export function presence<V extends Value>(schema?: StandardSchemaV1<unknown, V>): PresenceField<V> {
  return { presence: checkOf(schema) };
}

export function openPresence<V extends Value>(check: Check<V>): Presence<V> {
  return {
    list: () =>
      host.presenceList().flatMap(([publicKey, installation, data]) => {
        const checked = tryCheck(check, data);
        return checked === undefined ? [] : [{ publicKey, installation, data: checked }];
      }),
    set: (data, { ttlMs = TTL_MS } = {}) => host.presenceSet(encodeStrict(check(data)), ttlMs),
    clear: () => host.presenceClear(),
  };
}

function tryCheck<V extends Value>(check: Check<V>, data: unknown): V | undefined {
  try {
    return check(data);
  } catch {
    return undefined;
  }
}
