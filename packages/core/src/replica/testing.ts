/** For tests of this package: ports with a clock to set, and authors who write deltas by hand, well formed or not. */
import { encodeStatement, type Statement } from "../access/index.ts";
import {
  type ActorId,
  applicationId,
  bytesToHex,
  type ContextId,
  compareBytes,
  createPrng,
  type DeltaId,
  type KeyValueStore,
  must,
  nextStamp,
  type Signer,
  STAMP_ZERO,
  type Stamp,
  silentLog,
} from "../base/index.ts";
import { Document, type Transaction } from "../crdt/index.ts";
import { type Crypto, createCrypto } from "../crypto/index.ts";
import { type AuthenticDelta, actorOf, type DeltaBody, REPLICA_ID_BYTES, signDelta } from "../dag/index.ts";
import { createGenesis, type Genesis } from "./create.ts";
import { encodePayload, type PayloadEntry } from "./payload.ts";
import type { ReplicaPorts } from "./ports.ts";
import type { Replica } from "./replica.ts";

export const START_MS = 1_800_000_000_000;

/** Real cryptography, seeded randomness, and a clock that stands still until `nowMs` is set. */
export interface TestPorts extends ReplicaPorts {
  nowMs: number;
}

export function testPorts(store: KeyValueStore, seed: number): TestPorts {
  const prng = createPrng(seed);
  const ports: TestPorts = {
    store,
    crypto: createCrypto(),
    nowMs: START_MS,
    clock: { now: () => ports.nowMs },
    random: { bytes: (length) => prng.bytes(length) },
    log: silentLog,
  };
  return ports;
}

export function testGenesis(signer: Signer, seed: number, options: { readonly isSealed?: boolean } = {}): Genesis {
  const prng = createPrng(seed);
  const ports = { crypto: createCrypto(), random: { bytes: (length: number) => prng.bytes(length) } };
  return createGenesis(ports, signer, applicationId(new Uint8Array(32)), START_MS - 1_000_000, options);
}

/** What a delta follows. */
export type Parent = Pick<AuthenticDelta, "id" | "stamp">;

export interface WriteOptions {
  readonly stamp?: number;
  readonly entries?: readonly PayloadEntry[];
  /** Instead of the author's latest delta: a fork. */
  readonly after?: AuthenticDelta | undefined;
  /** Any field of the body, to make it wrong. */
  readonly body?: Partial<DeltaBody>;
}

/** A member's installation without a replica: writes whatever a test asks for. */
export class Author {
  readonly signer: Signer;
  readonly replica: Uint8Array;
  readonly actor: ActorId;
  readonly #crypto: Crypto = createCrypto();
  readonly #context: ContextId;
  #latest: AuthenticDelta | undefined;

  constructor(context: ContextId, signer: Signer, seed: number) {
    this.#context = context;
    this.signer = signer;
    this.replica = createPrng(seed).bytes(REPLICA_ID_BYTES);
    this.actor = actorOf(this.#crypto, signer.publicKey, this.replica);
  }

  get latest(): AuthenticDelta | undefined {
    return this.#latest;
  }

  write(parents: readonly Parent[], options: WriteOptions = {}): AuthenticDelta {
    const prev = "after" in options ? options.after : this.#latest;
    let last = prev?.stamp ?? STAMP_ZERO;
    for (const parent of parents) if (parent.stamp > last) last = parent.stamp;
    const delta = signDelta(this.#crypto, this.signer, this.#context, {
      author: prev
        ? { first: false, actor: this.actor, sequence: prev.sequence + 1, prev: prev.id }
        : { first: true, member: this.signer.publicKey, replica: this.replica },
      stamp: (options.stamp ?? nextStamp(last, START_MS)) as Stamp,
      parents: parents.map(({ id }) => id).sort(compareBytes) as DeltaId[],
      epoch: undefined,
      cause: undefined,
      applicationVersion: undefined,
      extensions: [],
      sealed: false,
      payload: encodePayload(options.entries ?? [{ kind: "call", offset: 0, joins: new Uint8Array(0), events: [] }]),
      ...options.body,
    });
    this.#latest = delta;
    return delta;
  }

  /** A call entry with the joins that `write` makes on an empty document. */
  entry(stamp: number, write: (transaction: Transaction) => void, offset: number = 0): PayloadEntry {
    const document = new Document({ get: () => undefined, range: () => [] });
    const origin = { stamp: (stamp - offset) as Stamp, actor: this.actor, member: this.signer.publicKey };
    const transaction = document.begin(origin);
    write(transaction);
    return { kind: "call", offset, joins: transaction.commit() ?? new Uint8Array(0), events: [] };
  }
}

/** The root of a replica that has nothing under way, in hex. */
export function rootOf(replica: Pick<Replica, "flushed">): string {
  return bytesToHex(must(replica.flushed.root, "a replica at rest knows its root"));
}

export function statementEntry(statement: Statement): PayloadEntry {
  return { kind: "access", statement: encodeStatement(statement) };
}
