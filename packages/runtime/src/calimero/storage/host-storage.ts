/**
 * What a guest's JavaScript does to its entities, and what the artifacts of others do to them.
 *
 * Of two writes of one entity the later stands, of equal times the greater bytes; a counter's share is the larger; what
 * is frozen stays as it was first; what a member owns only that member's signature changes. A deletion stands against
 * writes that are not later. An artifact that breaks one of the rules has no effect at all.
 */
import { bytesEqual, compareBytes } from "@dunlin/core/base";
import type { HostCall } from "../host-call.ts";
import { HostTrap } from "../trap.ts";
import {
  type Action,
  type Ancestor,
  CURRENT_FORM,
  decodeArtifact,
  encodeArtifact,
  type Metadata,
  type StorageType,
} from "./action.ts";
import { BorshReader } from "./borsh.ts";
import { Entities, type Entity } from "./entities.ts";
import { signedPayload } from "./signing.ts";

type Upsert = Extract<Action, { kind: "add" | "update" }>;
type Deletion = Extract<Action, { kind: "delete" }>;

export interface Saving {
  readonly id: Uint8Array;
  readonly parent: Uint8Array;
  readonly data: Uint8Array;
  readonly storage?: StorageType["kind"];
  readonly isCounter?: boolean;
}

/** How far an artifact's times may lie ahead of when it is applied. */
const AHEAD_NS_MAX = 5_000_000_000n;
const NO_SIGNATURE = new Uint8Array(64);
const NO_HASH = new Uint8Array(32);
/** The encoded CRDT type of a counter that grows. */
const GROW_COUNTER: Uint8Array = Uint8Array.of(1);

export class HostStorage {
  readonly entities: Entities;
  readonly #call: HostCall;
  readonly #actions: Action[] = [];
  #flushed = 0;

  constructor(call: HostCall) {
    this.entities = new Entities(call);
    this.#call = call;
  }

  /** The id of the root: the context's. */
  get rootId(): Uint8Array {
    return this.#call.request.context;
  }

  /** Writes an entity, as of now or of the given times. */
  save(
    { id, parent, data, storage = "public", isCounter = false }: Saving,
    times?: { created: bigint; updated: bigint },
  ): void {
    const before = this.entities.get(id);
    const now = this.#call.now();
    const createdAt = before?.metadata.createdAt ?? times?.created ?? now;
    const updatedAt = times?.updated ?? (before ? now : createdAt);
    const crdtType = isCounter ? GROW_COUNTER : undefined;
    const metadata = { createdAt, updatedAt, storage: this.#own(storage, updatedAt), crdtType, fieldName: undefined };
    this.entities.put({ id, parent, metadata, deletedAt: undefined, data });
    const kind = createdAt === updatedAt ? "add" : "update";
    this.#actions.push({ kind, id, data, ancestors: this.#ancestors(parent), metadata });
  }

  remove(entity: Entity): void {
    const deletedAt = this.#call.now();
    const { storage } = entity.metadata;
    const metadata = { ...entity.metadata, storage: this.#own(storage.kind, deletedAt) };
    this.entities.put({ ...entity, deletedAt });
    this.#actions.push({ kind: "delete", id: entity.id, deletedAt, metadata });
  }

  /** Hands over all that was done; false when that is nothing new. */
  flush(): boolean {
    if (this.#actions.length === this.#flushed) return false;
    const artifact = encodeArtifact({ form: CURRENT_FORM, actions: this.#actions });
    if (artifact.length > this.#call.limits.artifactBytesMax) {
      throw new HostTrap("ValueLengthOverflow", "value length overflow");
    }
    this.#call.requests.committed = { root: this.entities.root(), artifact };
    this.#flushed = this.#actions.length;
    return true;
  }

  /** Applies an artifact; a trap when it is none, or breaks a rule. */
  apply(bytes: Uint8Array): void {
    const artifact = decodeArtifact(bytes);
    if (!artifact) throw new HostTrap("DeserializationError", "deserialization error");
    const latest = this.#call.now() + AHEAD_NS_MAX;
    for (const action of artifact.actions) {
      if (action.kind === "compare") continue;
      const time = action.kind === "delete" ? action.deletedAt : action.metadata.updatedAt;
      if (time > latest) throw refused("a time too far in the future");
      if (action.kind === "delete") this.#applyDeletion(action);
      else this.#applyUpsert(action);
    }
    this.#call.requests.committed = { root: this.entities.root(), artifact: new Uint8Array(0) };
  }

  #own(kind: StorageType["kind"], nonce: bigint): StorageType {
    if (kind !== "user") return { kind };
    return { kind, owner: this.#call.request.executor, signed: { signature: NO_SIGNATURE, nonce } };
  }

  #ancestors(parent: Uint8Array): Ancestor[] {
    const ids = bytesEqual(parent, this.rootId) ? [parent] : [parent, this.rootId];
    return ids.map((id) => {
      const metadata = this.entities.get(id)?.metadata ?? NO_METADATA;
      return { id, hash: NO_HASH, metadata };
    });
  }

  #applyUpsert(action: Upsert): void {
    const { id, data, metadata } = action;
    const parent = action.ancestors[0]?.id ?? this.rootId;
    const before = this.entities.get(id);
    this.#checkOwner(action, before);
    if (metadata.storage.kind === "frozen") {
      if (before) return;
      checkFrozen(this.#call, data);
    }
    if (before && !supersedes(action, before)) return;
    const createdAt = before?.metadata.createdAt ?? metadata.createdAt;
    const merged =
      before && metadata.crdtType && bytesEqual(metadata.crdtType, GROW_COUNTER) ? larger(before.data, data) : data;
    this.entities.put({ id, parent, metadata: { ...metadata, createdAt }, deletedAt: undefined, data: merged });
  }

  #applyDeletion(action: Deletion): void {
    const before = this.entities.get(action.id);
    if (before?.metadata.storage.kind === "frozen") throw refused("the deletion of what is frozen");
    this.#checkOwner(action, before);
    if (!before || before.metadata.updatedAt > action.deletedAt) return;
    if (before.deletedAt !== undefined && before.deletedAt >= action.deletedAt) return;
    this.entities.put({ ...before, deletedAt: action.deletedAt });
  }

  /** What a member owns changes only by a newer signature of that member's, and is nobody else's later. */
  #checkOwner(action: Upsert | Deletion, before: Entity | undefined): void {
    const { storage } = action.metadata;
    const owned = before?.metadata.storage;
    if (owned && owned.kind !== storage.kind) throw refused("another kind of storage");
    if (storage.kind !== "user") return;
    if (owned?.kind === "user" && !bytesEqual(owned.owner, storage.owner)) throw refused("another owner");
    const { crypto } = this.#call;
    const { signed } = storage;
    this.#call.work(1_000_000);
    if (!signed || !crypto.verify(storage.owner, signedPayload(crypto, action), signed.signature)) {
      throw refused("an invalid signature for user-owned data");
    }
    if (owned?.kind === "user" && signed.nonce <= (owned.signed?.nonce ?? 0n)) throw refused("a nonce that was used");
  }
}

const NO_METADATA: Metadata = {
  createdAt: 0n,
  updatedAt: 0n,
  storage: { kind: "public" },
  crdtType: undefined,
  fieldName: undefined,
};

function refused(what: string): HostTrap {
  return new HostTrap("DeserializationError", `the delta has ${what}`);
}

/** `hash 32 | value | id 32`, where the hash is the value's. */
function checkFrozen(call: HostCall, data: Uint8Array): void {
  const [hash, value] = [data.subarray(0, 32), data.subarray(32, Math.max(32, data.length - 32))];
  if (!bytesEqual(call.crypto.sha256(value), hash)) throw refused("frozen data that is not what its hash says");
}

/** Whether a write stands against what is there. */
function supersedes({ metadata, data }: Upsert, before: Entity): boolean {
  const { updatedAt } = metadata;
  if (before.deletedAt !== undefined && before.deletedAt >= updatedAt) return false;
  if (metadata.crdtType && bytesEqual(metadata.crdtType, GROW_COUNTER)) return true;
  if (before.metadata.updatedAt !== updatedAt) return before.metadata.updatedAt < updatedAt;
  return compareBytes(data, before.data) > 0;
}

/** The data of a counter's share with the larger number: `key (bytes) | u64 | id 32`. */
function larger(a: Uint8Array, b: Uint8Array): Uint8Array {
  return shareOf(a) >= shareOf(b) ? a : b;
}

export function shareOf(data: Uint8Array): bigint {
  const reader = new BorshReader(data);
  reader.bytes();
  return reader.u64();
}
