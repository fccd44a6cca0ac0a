/**
 * Opens a database in a store: the one that the store holds, the one that a ticket invites to, or a new one, whose owner
 * is its admin. Every port has a default from the platform and may be replaced.
 */
import { type Ticket, type TicketErrorCode, textToTicket, verifyInvitation } from "../access/index.ts";
import {
  applicationId,
  type Clock,
  type ContextId,
  idKey,
  type KeyValueStore,
  type Log,
  type Random,
  type Result,
  runLoaded,
  type Scheduler,
  type Signer,
  utf8,
} from "../base/index.ts";
import { CollectionError, Engine } from "../collections/index.ts";
import { type Crypto, createCrypto, createSigner, SEED_BYTES } from "../crypto/index.ts";
import type { Metrics } from "../metrics/index.ts";
import { consoleLog, systemClock, systemRandom, systemScheduler } from "../platform/index.ts";
import { createGenesis, DELETIONS_PER_CHECKPOINT, Replica, type ReplicaOptions } from "../replica/index.ts";
import { Database } from "./database.ts";
import {
  type DatabaseIdentity,
  type DatabaseOrigin,
  decodeIdentity,
  encodeIdentity,
  IDENTITY_KEY,
} from "./identity.ts";

export type OpenErrorCode =
  | TicketErrorCode
  /** The store holds another database than the one that the ticket is for. */
  | "DATABASE_OTHER"
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
  readonly scheduler?: Scheduler;
  /** Told of every operation, its time and its failures. */
  readonly metrics?: Metrics;
  /**
   * A ticket of somebody's `invite()`: joins that database, instead of founding a new one. It is read-only and empty
   * until `sync` has reached who invited. A store that has joined already needs it no more.
   */
  readonly ticket?: string;
  /**
   * Deletions after which their room is taken back unasked, if they are at least a quarter of what was written; `false`
   * for never. By default a few thousand.
   */
  readonly compactAfter?: number | false;
  readonly signal?: AbortSignal;
}

interface Ports {
  readonly store: KeyValueStore;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly log: Log;
  readonly metrics?: Metrics;
  readonly pause?: () => Promise<void>;
}

interface Opening {
  readonly signer: Signer;
  readonly context: ContextId;
  /** Of a database that was founded here. */
  readonly genesis: Uint8Array | undefined;
  /** Of one that was joined. */
  readonly ticket: Ticket | undefined;
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
      scheduler: options.scheduler ?? systemScheduler,
      log: options.log ?? consoleLog,
      ...(options.metrics === undefined ? {} : { metrics: options.metrics }),
      // A scheduler of somebody's own may stand still.
      ...(options.scheduler === undefined ? { pause } : {}),
    };
    const opening = await takeIdentity(ports, options.ticket);
    const { context, signer, ticket } = opening;
    const engine = new Engine(ports, context);
    const { place = "", compactAfter = DELETIONS_PER_CHECKPOINT } = options;
    const own = { place, compactAfter: compactAfter === false ? undefined : compactAfter };
    const replica = await openReplica(ports, opening, engine, own);
    await engine.attach(replica);
    return new Database({ ports, replica, engine, signer, ticket, keepsStoreOpen });
  } catch (thrown) {
    if (!keepsStoreOpen) await closeQuietly(store);
    throw thrown;
  }
}

/** Whose database it is: what the store says, or somebody new. */
async function openIdentity(ports: Ports, ticketText: string | undefined): Promise<Opening> {
  const ticket = ticketText === undefined ? undefined : unwrap(textToTicket(ports.crypto, ticketText));
  const row = await runLoaded(ports.store, () => ports.store.get(IDENTITY_KEY)?.slice());
  const stored = row && decodeIdentity(row);
  if (row !== undefined && stored === undefined) {
    throw new CollectionError("DATABASE_DAMAGED", "the store's database is damaged, or of a newer program");
  }
  if (stored !== undefined && ticket !== undefined && idKey(stored.context) !== idKey(ticket.invitation.context)) {
    throw new CollectionError("DATABASE_OTHER", "this store holds another database: open one store for each");
  }
  const identity = stored ?? (await createIdentity(ports, ticket));
  const { origin } = identity;
  return {
    signer: createSigner(ports.crypto, identity.secretKey),
    context: identity.context,
    genesis: origin.kind === "founded" ? origin.genesis : undefined,
    // A newer ticket may be good where the first one has expired.
    ticket: ticket ?? (origin.kind === "joined" ? storedTicket(ports.crypto, origin) : undefined),
  };
}

/** In a turn: of two tabs that open a new store at once, one makes the database. */
async function takeIdentity(ports: Ports, ticketText: string | undefined): Promise<Opening> {
  const { turns } = ports.store;
  await turns?.enter();
  try {
    return await openIdentity(ports, ticketText);
  } finally {
    turns?.leave();
  }
}

async function createIdentity(ports: Ports, ticket: Ticket | undefined): Promise<DatabaseIdentity> {
  const secretKey = ports.random.bytes(SEED_BYTES);
  const identity = ticket === undefined ? found(ports, secretKey) : join(secretKey, ticket);
  await ports.store.commit([{ kind: "put", key: IDENTITY_KEY, value: encodeIdentity(identity) }]);
  return identity;
}

function found(ports: Ports, secretKey: Uint8Array): DatabaseIdentity {
  const application = applicationId(ports.crypto.sha256(utf8(APPLICATION)));
  const signer = createSigner(ports.crypto, secretKey);
  const { context, bytes: genesis } = createGenesis(ports, signer, application, ports.clock.now());
  return { secretKey, context, origin: { kind: "founded", genesis } };
}

function join(secretKey: Uint8Array, { invitation, bytes, bearerSecret }: Ticket): DatabaseIdentity {
  return { secretKey, context: invitation.context, origin: { kind: "joined", bearerSecret, invitation: bytes } };
}

function storedTicket(
  crypto: Crypto,
  { bearerSecret, invitation: bytes }: Extract<DatabaseOrigin, { kind: "joined" }>,
): Ticket {
  const verified = verifyInvitation(crypto, bytes);
  if (!verified.ok) throw new CollectionError("DATABASE_DAMAGED", "the invitation that this database joined by");
  return { invitation: verified.value, bytes, bearerSecret };
}

async function openReplica(
  ports: Ports,
  opening: Opening,
  engine: Engine,
  own: Pick<ReplicaOptions, "place" | "compactAfter">,
): Promise<Replica> {
  const { signer, context, genesis } = opening;
  const replica = unwrap(await Replica.open(ports, { context, signer, ...own, derivation: engine }));
  if (genesis === undefined || replica.flushed.count > 0) return replica;
  // Unless another tab has admitted it meanwhile.
  const outcome = await replica.inTurn(() => (replica.flushed.count > 0 ? undefined : replica.admit(genesis)));
  if (outcome !== undefined && outcome.kind !== "admitted") {
    throw new CollectionError("DATABASE_REFUSED", "the first delta was refused");
  }
  await replica.settled();
  if (replica.closed !== undefined) throw new CollectionError(replica.closed.code, replica.closed.message);
  return replica;
}

function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new CollectionError(result.error.code, result.error.message);
  return result.value;
}

/** Long work lets the page or the process breathe. */
function pause(): Promise<void> {
  return new Promise((resolve) => void systemScheduler.after(0, resolve));
}

/** The failure that led here is the one to tell. */
async function closeQuietly(store: KeyValueStore): Promise<void> {
  try {
    await store[Symbol.asyncDispose]();
  } catch {}
}
