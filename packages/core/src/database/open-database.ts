/**
 * Opens a database in a store: the one that the store holds, or a new one, whose owner is its admin. Every port has a
 * default from the platform and may be replaced.
 */
import {
  applicationId,
  type Clock,
  type KeyValueStore,
  type Log,
  type Random,
  runLoaded,
  type Signer,
  utf8,
} from "../base/index.ts";
import { CollectionError, Engine } from "../collections/index.ts";
import { type Crypto, createCrypto, createSigner, SEED_BYTES } from "../crypto/index.ts";
import { consoleLog, systemClock, systemRandom } from "../platform/index.ts";
import { createGenesis, type Genesis, Replica } from "../replica/index.ts";
import { Database } from "./database.ts";
import { decodeIdentity, encodeIdentity, IDENTITY_KEY } from "./identity.ts";

export type OpenErrorCode =
  /** What the store holds under the database's own key is no database: it is damaged, or of a newer program. */
  | "DATABASE_DAMAGED"
  /** The database's first delta was refused. */
  | "DATABASE_REFUSED";

export interface OpenOptions {
  /** The store, or its opening: `openLmdbStore({ path })`, `openIndexedDbStore(name)`, `createMemoryStore()`. */
  readonly store: KeyValueStore | Promise<KeyValueStore>;
  /** Whether the store stays open when the database is closed. */
  readonly keepsStoreOpen?: boolean;
  /**
   * Names where the store is. A store that is opened at another place than before writes as another actor, so that a
   * copy never speaks as the original.
   */
  readonly place?: string;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log?: Log;
  readonly crypto?: Crypto;
  readonly signal?: AbortSignal;
}

interface Ports {
  readonly store: KeyValueStore;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Opening {
  readonly signer: Signer;
  readonly genesis: Genesis;
}

/** Of databases without an application: their collections say what they are. */
const APPLICATION = "dunlin/database/1";

/**
 * Rejects with the store's `StoreFailure`, or with a `CollectionError` when what the store holds cannot be opened. The
 * store is closed then, unless it is to stay open.
 */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  options.signal?.throwIfAborted();
  const store = await options.store;
  const keepsStoreOpen = options.keepsStoreOpen === true;
  try {
    options.signal?.throwIfAborted();
    const ports = {
      store,
      crypto: options.crypto ?? createCrypto(),
      clock: options.clock ?? systemClock,
      random: options.random ?? systemRandom,
      log: options.log ?? consoleLog,
    };
    const opening = await takeIdentity(ports);
    const engine = new Engine(ports, opening.genesis.context);
    const replica = await openReplica(ports, opening, engine, options.place ?? "");
    await engine.attach(replica);
    return new Database({ store, replica, engine, keepsStoreOpen });
  } catch (thrown) {
    if (!keepsStoreOpen) await closeQuietly(store);
    throw thrown;
  }
}

/** Whose database it is: what the store says, or somebody new. */
async function openIdentity(ports: Ports): Promise<Opening> {
  const stored = await runLoaded(ports.store, () => ports.store.get(IDENTITY_KEY)?.slice());
  if (stored === undefined) return createIdentity(ports);
  const identity = decodeIdentity(stored);
  if (identity === undefined) {
    throw new CollectionError("DATABASE_DAMAGED", "the store's database is damaged, or of a newer program");
  }
  const { secretKey, context, genesis } = identity;
  return { signer: createSigner(ports.crypto, secretKey), genesis: { context, bytes: genesis } };
}

/** In a turn: of two tabs that open a new store at once, one makes the database. */
async function takeIdentity(ports: Ports): Promise<Opening> {
  const { turns } = ports.store;
  await turns?.enter();
  try {
    return await openIdentity(ports);
  } finally {
    turns?.leave();
  }
}

async function createIdentity(ports: Ports): Promise<Opening> {
  const secretKey = ports.random.bytes(SEED_BYTES);
  const signer = createSigner(ports.crypto, secretKey);
  const application = applicationId(ports.crypto.sha256(utf8(APPLICATION)));
  const genesis = createGenesis(ports, signer, application, ports.clock.now());
  const value = encodeIdentity({ secretKey, context: genesis.context, genesis: genesis.bytes });
  await ports.store.commit([{ kind: "put", key: IDENTITY_KEY, value }]);
  return { signer, genesis };
}

async function openReplica(ports: Ports, opening: Opening, engine: Engine, place: string): Promise<Replica> {
  const { signer, genesis } = opening;
  const opened = await Replica.open(ports, { context: genesis.context, signer, place, derivation: engine });
  if (!opened.ok) throw new CollectionError(opened.error.code, opened.error.message);
  const replica = opened.value;
  if (replica.flushed.count > 0) return replica;
  // Unless another tab has admitted it meanwhile.
  const outcome = await replica.inTurn(() => (replica.flushed.count > 0 ? undefined : replica.admit(genesis.bytes)));
  if (outcome !== undefined && outcome.kind !== "admitted") {
    throw new CollectionError("DATABASE_REFUSED", "the first delta was refused");
  }
  await replica.settled();
  if (replica.closed !== undefined) throw new CollectionError(replica.closed.code, replica.closed.message);
  return replica;
}

/** The failure that led here is the one to tell. */
async function closeQuietly(store: KeyValueStore): Promise<void> {
  try {
    await store[Symbol.asyncDispose]();
  } catch {}
}
