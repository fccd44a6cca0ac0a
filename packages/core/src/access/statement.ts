/**
 * Access statements: what an entry of kind "access" in a delta's payload says about who belongs to a context, who
 * writes for whom, and who has which key. They travel in the clear, since they are judged by those who have no key yet.
 *
 *   u8 1  genesis  application id 32 ‖ seed 16      only in a delta without parents; its author is admin
 *   u8 2  add      member 32 ‖ u8 role ‖ nonce 16   the nonce is that of the invitation redeemed; never lowers a role
 *   u8 3  role     member 32 ‖ u8 role              sets it, up or down
 *   u8 4  remove   member 32
 *   u8 5  retire   actor 16                         it writes no more
 *   u8 6  dormant  actor 16                         silent too long: it is not waited for
 *   u8 7  awake    actor 16                         it is waited for again
 *   u8 8  epoch    hash of the key 32 ‖ varint n, n * (member 32 ‖ box 60) ‖ varint m, m * (epoch 32 ‖ wrapped 60)
 *   u8 9  hand     epoch 32 ‖ member 32 ‖ box 60
 *   u8 10 ask      epoch 32                         its author is a member and has no key of this epoch
 *   u8 11 upgrade  application id 32                members run this application from here on
 *
 * Roles: 1 reader, 2 writer, 3 admin. Members and epochs ascend strictly. Boxes are drawn in `crypto/boxes.ts`. Decoding
 * refuses everything else; a statement that does not decode is void, the same on every node, so a new kind of
 * statement needs a new version of the delta.
 */
import {
  ACTOR_BYTES,
  type ActorId,
  type ApplicationId,
  actorId,
  applicationId,
  compareBytes,
  type DeltaId,
  deltaId,
  ID_BYTES,
  type PublicKey,
  publicKey,
  Reader,
  Writer,
} from "../base/index.ts";
import { BOX_BYTES } from "../crypto/index.ts";
import { EPOCH_MEMBERS_MAX, EPOCHS_WRAPPED_MAX } from "./limits.ts";

export const NONCE_BYTES = 16;

export type Role = "reader" | "writer" | "admin";

const ROLES: readonly Role[] = ["reader", "writer", "admin"];

/** A key sealed to one member. */
export interface MemberBox {
  readonly member: PublicKey;
  readonly box: Uint8Array;
}

/** The key of an earlier epoch, sealed under the key of a later one. */
export interface WrappedKey {
  readonly epoch: DeltaId;
  readonly wrapped: Uint8Array;
}

export type Statement =
  | { readonly kind: "genesis"; readonly application: ApplicationId; readonly seed: Uint8Array }
  | { readonly kind: "add"; readonly member: PublicKey; readonly role: Role; readonly nonce: Uint8Array }
  | { readonly kind: "role"; readonly member: PublicKey; readonly role: Role }
  | { readonly kind: "remove"; readonly member: PublicKey }
  | { readonly kind: "retire" | "dormant" | "awake"; readonly actor: ActorId }
  | EpochStatement
  | ({ readonly kind: "hand"; readonly epoch: DeltaId } & MemberBox)
  | { readonly kind: "ask"; readonly epoch: DeltaId }
  | { readonly kind: "upgrade"; readonly application: ApplicationId };

export interface EpochStatement {
  readonly kind: "epoch";
  readonly keyHash: Uint8Array;
  readonly boxes: readonly MemberBox[];
  readonly wrapped: readonly WrappedKey[];
}

/** In the order of their numbers, from 1. */
const KINDS: readonly Statement["kind"][] = [
  "genesis",
  "add",
  "role",
  "remove",
  "retire",
  "dormant",
  "awake",
  "epoch",
  "hand",
  "ask",
  "upgrade",
];

/** Reader below writer below admin. */
export function roleRank(role: Role): number {
  return ROLES.indexOf(role) + 1;
}

export function roleOfRank(rank: number): Role | undefined {
  return ROLES[rank - 1];
}

export function encodeStatement(statement: Statement): Uint8Array {
  const writer = new Writer(64).u8(KINDS.indexOf(statement.kind) + 1);
  switch (statement.kind) {
    case "genesis":
      return writer.raw(statement.application).raw(statement.seed).toBytes();
    case "add":
      return writer.raw(statement.member).u8(roleRank(statement.role)).raw(statement.nonce).toBytes();
    case "role":
      return writer.raw(statement.member).u8(roleRank(statement.role)).toBytes();
    case "remove":
      return writer.raw(statement.member).toBytes();
    case "retire":
    case "dormant":
    case "awake":
      return writer.raw(statement.actor).toBytes();
    case "epoch":
      return encodeEpoch(writer, statement);
    case "hand":
      return writer.raw(statement.epoch).raw(statement.member).raw(statement.box).toBytes();
    case "ask":
      return writer.raw(statement.epoch).toBytes();
    case "upgrade":
      return writer.raw(statement.application).toBytes();
  }
}

function encodeEpoch(writer: Writer, { keyHash, boxes, wrapped }: EpochStatement): Uint8Array {
  writer.raw(keyHash).varint(boxes.length);
  for (const { member, box } of boxes) writer.raw(member).raw(box);
  writer.varint(wrapped.length);
  for (const { epoch, wrapped: bytes } of wrapped) writer.raw(epoch).raw(bytes);
  return writer.toBytes();
}

/** The statement, with copies of its bytes; undefined when they are not the encoding of one. */
export function decodeStatement(bytes: Uint8Array): Statement | undefined {
  const reader = new Reader(bytes.slice());
  const kind = KINDS[reader.u8() - 1];
  const statement = kind && readStatement(reader, kind);
  return statement && reader.finish() ? statement : undefined;
}

function readStatement(reader: Reader, kind: Statement["kind"]): Statement | undefined {
  switch (kind) {
    case "genesis":
      return { kind, application: applicationId(take(reader, ID_BYTES)), seed: reader.raw(NONCE_BYTES) };
    case "add": {
      const [member, role] = [publicKey(take(reader, ID_BYTES)), roleOfRank(reader.u8())];
      return role && { kind, member, role, nonce: reader.raw(NONCE_BYTES) };
    }
    case "role": {
      const [member, role] = [publicKey(take(reader, ID_BYTES)), roleOfRank(reader.u8())];
      return role && { kind, member, role };
    }
    case "remove":
      return { kind, member: publicKey(take(reader, ID_BYTES)) };
    case "retire":
    case "dormant":
    case "awake":
      return { kind, actor: actorId(take(reader, ACTOR_BYTES)) };
    case "epoch":
      return readEpoch(reader);
    case "hand":
      return { kind, epoch: deltaId(take(reader, ID_BYTES)), ...readBox(reader) };
    case "ask":
      return { kind, epoch: deltaId(take(reader, ID_BYTES)) };
    case "upgrade":
      return { kind, application: applicationId(take(reader, ID_BYTES)) };
  }
}

function readEpoch(reader: Reader): EpochStatement {
  const keyHash = reader.raw(ID_BYTES);
  const boxes: MemberBox[] = [];
  const members = reader.count(EPOCH_MEMBERS_MAX, ID_BYTES + BOX_BYTES);
  for (let i = 0; i < members; i++) boxes.push(readBox(reader));
  const wrapped: WrappedKey[] = [];
  const epochs = reader.count(EPOCHS_WRAPPED_MAX, ID_BYTES + BOX_BYTES);
  for (let i = 0; i < epochs; i++) {
    wrapped.push({ epoch: deltaId(take(reader, ID_BYTES)), wrapped: reader.raw(BOX_BYTES) });
  }
  if (!ascends(boxes.map(({ member }) => member)) || !ascends(wrapped.map(({ epoch }) => epoch))) reader.fail();
  return { kind: "epoch", keyHash, boxes, wrapped };
}

function readBox(reader: Reader): MemberBox {
  return { member: publicKey(take(reader, ID_BYTES)), box: reader.raw(BOX_BYTES) };
}

/** Zeros in place of what is not there: the reader has failed then. */
function take(reader: Reader, length: number): Uint8Array {
  const bytes = reader.raw(length);
  return bytes.length === length ? bytes : new Uint8Array(length);
}

function ascends(ids: readonly Uint8Array[]): boolean {
  return ids.every((id, i) => i === 0 || compareBytes(ids[i - 1] as Uint8Array, id) < 0);
}
