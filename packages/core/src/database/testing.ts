/** For tests of this package: ports that can be repeated, and a second member of a database. */
import { NONCE_BYTES } from "../access/index.ts";
import { createPrng, type KeyValueStore, type Prng, silentLog, type Turns } from "../base/index.ts";
import { CollectionError } from "../collections/index.ts";
import { createCrypto, createSigner, SEED_BYTES } from "../crypto/index.ts";
import type { Database } from "./database.ts";
import { encodeIdentity, IDENTITY_KEY } from "./identity.ts";
import { type OpenOptions, openDatabase } from "./open-database.ts";

const START_MS = 1_800_000_000_000;
const EXCHANGE_BYTES = 1_000_000;

/** Seeded randomness, and a clock that stands still. */
export function seededOptions(store: KeyValueStore, seed: number): OpenOptions {
  const prng: Prng = createPrng(seed);
  return {
    store,
    keepsStoreOpen: true,
    clock: { now: () => START_MS },
    random: { bytes: (length) => prng.bytes(length) },
    log: silentLog,
  };
}

/** A database of another member, in a store of its own, with nothing in it yet. */
export async function openMember(owner: Database, store: KeyValueStore, seed: number): Promise<Database> {
  const prng = createPrng(seed);
  const secretKey = prng.bytes(SEED_BYTES);
  const member = createSigner(createCrypto(), secretKey).publicKey;
  const added = await owner.replica.declare({ kind: "add", member, role: "writer", nonce: prng.bytes(NONCE_BYTES) });
  if (!added.ok) throw new Error(added.error.message);
  const [genesis] = owner.replica.missingFrom(new Map(), 1).deltas;
  if (genesis === undefined) throw new Error("the owner has a genesis");
  const value = encodeIdentity({ secretKey, context: owner.context, origin: { kind: "founded", genesis } });
  await store.commit([{ kind: "put", key: IDENTITY_KEY, value }]);
  return openDatabase(seededOptions(store, seed + 1));
}

/** One store that two have open, in turns, each told of the other's commits. */
export function sharedStores(disk: KeyValueStore): [KeyValueStore, KeyValueStore] {
  const listeners: (() => void)[][] = [[], []];
  let last: Promise<void> = Promise.resolve();
  const open = (side: number): KeyValueStore => {
    let release = (): void => {};
    const turns: Turns = {
      enter: async () => {
        const before = last;
        last = new Promise((resolve) => {
          release = resolve;
        });
        await before;
      },
      leave: () => release(),
      onNews: (listener) => {
        listeners[side]?.push(listener);
        return () => {};
      },
    };
    return {
      turns,
      get: (key) => disk.get(key),
      range: (options) => disk.range(options),
      load: (miss) => disk.load(miss),
      get version() {
        return disk.version;
      },
      commit: (batch) => {
        const done = disk.commit(batch);
        for (const listener of listeners[1 - side] ?? []) listener();
        return done;
      },
      [Symbol.asyncDispose]: async () => {},
    };
  };
  return [open(0), open(1)];
}

/** Hands over what the other lacks. */
export async function exchange(from: Database, to: Database): Promise<void> {
  for (;;) {
    const { deltas, more } = from.replica.missingFrom(to.replica.heldVector(), EXCHANGE_BYTES);
    for (const delta of deltas) {
      const outcome = to.replica.admit(delta);
      if (outcome.kind === "refused") throw new Error(outcome.error.message);
    }
    await to.settled();
    if (!more) return;
  }
}

/** The failure of what must not be taken. */
export async function refusal(run: () => unknown): Promise<CollectionError> {
  try {
    await run();
  } catch (thrown) {
    if (thrown instanceof CollectionError) return thrown;
    throw thrown;
  }
  throw new Error("it was taken");
}
