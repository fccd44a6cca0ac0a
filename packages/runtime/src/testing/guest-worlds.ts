/** What lies around a guest in tests: a store in memory, a world of its own, and requests. */
import { bytesToHex, utf8 } from "@dunlin/core/base";
import type { GuestHost, GuestResult } from "../calimero/guest-engine.ts";
import type { GuestRequest, LocalWorld } from "../calimero/host-call.ts";
import type { GuestReader, GuestWrite } from "../calimero/overlay.ts";

export class MemoryStorage implements GuestReader {
  readonly #values = new Map<string, Uint8Array>();

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#values.get(bytesToHex(key));
  }

  apply(writes: readonly GuestWrite[]): void {
    for (const [key, value] of writes) {
      if (value === undefined) this.#values.delete(bytesToHex(key));
      else this.#values.set(bytesToHex(key), value);
    }
  }
}

export const CONTEXT: Uint8Array = new Uint8Array(32).fill(0xec);
export const EXECUTOR: Uint8Array = new Uint8Array(32).fill(9);

export function guestRequest(method: string, more: Partial<GuestRequest> = {}): GuestRequest {
  const base = { input: utf8("{}"), context: CONTEXT, executor: EXECUTOR, timeNs: 1_700_000_000_000_000_000n };
  return { method, ...base, seed: new Uint8Array(32).fill(1), ...more };
}

export function localWorld(more: Partial<LocalWorld> = {}): LocalWorld {
  return {
    privateStorage: new MemoryStorage(),
    blobs: { size: () => undefined, read: () => new Uint8Array(0) },
    members: () => [EXECUTOR],
    resolveAlias: (name) => (name === "me" ? EXECUTOR : undefined),
    hasContextAlias: (name) => name === "taken",
    ...more,
  };
}

export function guestHost(more: Partial<GuestHost> = {}): GuestHost {
  return { storage: new MemoryStorage(), local: localWorld(), ...more };
}

/** The name that the original host gives a failure; the message when it has none. */
export function failureType(result: GuestResult): string {
  return result.ok ? "ok" : (result.error.applicationCode ?? result.error.message);
}
