/**
 * Artifacts: what a guest's storage did, as its `commit` hands it over, in the forms of the builds that are about.
 *
 * ```
 * artifact    0 | count u32 | actions
 * action      0 add, 3 update:   id 32 | data (bytes) | count u32 | ancestors | metadata
 *             1 compare:         id 32
 *             2 delete:          id 32 | deleted at u64 | metadata
 * ancestor    id 32 | hash 32 | metadata
 * metadata    created u64 | updated u64 [| storage type [| CRDT type (option) [| field name (option)]]]
 * storage     0 public | 1 user: owner 32 | option: signature 64, nonce u64 | 2 frozen
 * CRDT type   tag u8: 0 register (text) | 1, 2 counters | 3 text | 4 map (2 texts) | 5 set, 6 vector (text)
 *             | 7 user storage | 8 frozen storage | 9 custom (text)
 * ```
 *
 * The brackets are the builds: which of the four forms an artifact has shows in that it is read to its end. One that is
 * read in none of them is opaque.
 */
import { BorshReader, BorshWriter } from "./borsh.ts";

export type StorageType =
  | { readonly kind: "public" }
  | { readonly kind: "user"; readonly owner: Uint8Array; readonly signed: UserSignature | undefined }
  | { readonly kind: "frozen" };

export interface UserSignature {
  readonly signature: Uint8Array;
  readonly nonce: bigint;
}

export interface Metadata {
  readonly createdAt: bigint;
  readonly updatedAt: bigint;
  readonly storage: StorageType;
  /** The encoded CRDT type; undefined for none. */
  readonly crdtType: Uint8Array | undefined;
  readonly fieldName: Uint8Array | undefined;
}

export interface Ancestor {
  readonly id: Uint8Array;
  readonly hash: Uint8Array;
  readonly metadata: Metadata;
}

export type Action =
  | {
      readonly kind: "add" | "update";
      readonly id: Uint8Array;
      readonly data: Uint8Array;
      readonly ancestors: readonly Ancestor[];
      readonly metadata: Metadata;
    }
  | { readonly kind: "compare"; readonly id: Uint8Array }
  | { readonly kind: "delete"; readonly id: Uint8Array; readonly deletedAt: bigint; readonly metadata: Metadata };

/** What the metadata of a build has behind its two times. */
export type MetadataForm = 0 | 1 | 2 | 3;

export interface Artifact {
  readonly form: MetadataForm;
  readonly actions: readonly Action[];
}

const FORMS: readonly MetadataForm[] = [3, 2, 1, 0];
export const CURRENT_FORM: MetadataForm = 3;
const ACTION_BYTES_MIN = 33;
const ANCESTOR_BYTES_MIN = 80;
const ID_BYTES = 32;
const SIGNATURE_BYTES = 64;
const PUBLIC: StorageType = { kind: "public" };
/** Texts that follow the tag of a CRDT type. */
const TEXTS_BY_CRDT_TAG: readonly number[] = [1, 0, 0, 0, 2, 1, 1, 0, 0, 1];

/** Undefined for what is opaque. */
export function decodeArtifact(bytes: Uint8Array): Artifact | undefined {
  for (const form of FORMS) {
    const reader = new BorshReader(bytes);
    if (reader.u8() !== 0) return undefined;
    const actions: Action[] = [];
    for (let rest = reader.count(ACTION_BYTES_MIN); rest > 0 && !reader.failed; rest--) {
      actions.push(readAction(reader, form));
    }
    if (reader.isDone) return { form, actions };
  }
  return undefined;
}

export function encodeArtifact({ form, actions }: Artifact): Uint8Array {
  const writer = new BorshWriter().u8(0).u32(actions.length);
  for (const action of actions) writeAction(writer, action, form);
  return writer.toBytes();
}

function readAction(reader: BorshReader, form: MetadataForm): Action {
  const tag = reader.u8();
  const id = reader.fixed(ID_BYTES);
  if (tag === 1) return { kind: "compare", id };
  if (tag === 2) return { kind: "delete", id, deletedAt: reader.u64(), metadata: readMetadata(reader, form) };
  if (tag !== 0 && tag !== 3) reader.fail();
  const data = reader.bytes();
  const ancestors: Ancestor[] = [];
  for (let rest = reader.count(ANCESTOR_BYTES_MIN); rest > 0 && !reader.failed; rest--) {
    ancestors.push(readAncestor(reader, form));
  }
  return { kind: tag === 0 ? "add" : "update", id, data, ancestors, metadata: readMetadata(reader, form) };
}

export function readAncestor(reader: BorshReader, form: MetadataForm): Ancestor {
  return { id: reader.fixed(ID_BYTES), hash: reader.fixed(ID_BYTES), metadata: readMetadata(reader, form) };
}

export function readMetadata(reader: BorshReader, form: MetadataForm): Metadata {
  return {
    createdAt: reader.u64(),
    updatedAt: reader.u64(),
    storage: form >= 1 ? readStorageType(reader) : PUBLIC,
    crdtType: form >= 2 && reader.flag() ? readCrdtType(reader) : undefined,
    fieldName: form >= 3 && reader.flag() ? reader.bytes() : undefined,
  };
}

function readStorageType(reader: BorshReader): StorageType {
  switch (reader.u8()) {
    case 0:
      return PUBLIC;
    case 1: {
      const owner = reader.fixed(ID_BYTES);
      const signed = reader.flag() ? { signature: reader.fixed(SIGNATURE_BYTES), nonce: reader.u64() } : undefined;
      return { kind: "user", owner, signed };
    }
    case 2:
      return { kind: "frozen" };
    default:
      reader.fail();
      return PUBLIC;
  }
}

function readCrdtType(reader: BorshReader): Uint8Array {
  const tag = reader.u8();
  const texts = TEXTS_BY_CRDT_TAG[tag];
  const writer = new BorshWriter().u8(tag);
  if (texts === undefined) reader.fail();
  for (let i = 0; i < (texts ?? 0); i++) writer.bytes(reader.bytes());
  return writer.toBytes();
}

function writeAction(writer: BorshWriter, action: Action, form: MetadataForm): void {
  writer.u8({ add: 0, compare: 1, delete: 2, update: 3 }[action.kind]).fixed(action.id);
  if (action.kind === "compare") return;
  if (action.kind === "delete") writer.u64(action.deletedAt);
  else {
    writer.bytes(action.data).u32(action.ancestors.length);
    for (const ancestor of action.ancestors) writeAncestor(writer, ancestor, form);
  }
  writeMetadata(writer, action.metadata, form);
}

export function writeAncestor(writer: BorshWriter, { id, hash, metadata }: Ancestor, form: MetadataForm): void {
  writeMetadata(writer.fixed(id).fixed(hash), metadata, form);
}

export function writeMetadata(writer: BorshWriter, metadata: Metadata, form: MetadataForm): void {
  writer.u64(metadata.createdAt).u64(metadata.updatedAt);
  if (form >= 1) writeStorageType(writer, metadata.storage);
  if (form >= 2) writeOption(writer, metadata.crdtType, (bytes) => writer.fixed(bytes));
  if (form >= 3) writeOption(writer, metadata.fieldName, (bytes) => writer.bytes(bytes));
}

export function writeStorageType(writer: BorshWriter, storage: StorageType): void {
  if (storage.kind === "public") writer.u8(0);
  else if (storage.kind === "frozen") writer.u8(2);
  else {
    writer.u8(1).fixed(storage.owner);
    writeOption(writer, storage.signed, ({ signature, nonce }) => writer.fixed(signature).u64(nonce));
  }
}

function writeOption<T>(writer: BorshWriter, value: T | undefined, write: (value: T) => void): void {
  writer.u8(value === undefined ? 0 : 1);
  if (value !== undefined) write(value);
}
