/**
 * Access statements: what an entry of kind "access" in a delta's payload says about who belongs to a context.
 *
 *   u8 1  genesis   application id 32 ‖ seed 16              only in a delta without parents; its author is admin
 *   u8 2  add       member 32 ‖ u8 role ‖ nonce 16           the nonce is that of the invitation redeemed
 *
 * Roles: 1 reader, 2 writer, 3 admin. Decoding refuses everything else; a statement that does not decode is void, the
 * same on every node, so a new kind of statement needs a new version of the delta.
 */
import {
  type ApplicationId,
  applicationId,
  ID_BYTES,
  type PublicKey,
  publicKey,
  Reader,
  Writer,
} from "../base/index.ts";

export const NONCE_BYTES = 16;

export type Role = "reader" | "writer" | "admin";

const ROLES: readonly Role[] = ["reader", "writer", "admin"];

export type Statement =
  | { readonly kind: "genesis"; readonly application: ApplicationId; readonly seed: Uint8Array }
  | { readonly kind: "add"; readonly member: PublicKey; readonly role: Role; readonly nonce: Uint8Array };

/** Reader below writer below admin. */
export function roleRank(role: Role): number {
  return ROLES.indexOf(role) + 1;
}

export function roleOfRank(rank: number): Role | undefined {
  return ROLES[rank - 1];
}

export function encodeStatement(statement: Statement): Uint8Array {
  const writer = new Writer(64);
  if (statement.kind === "genesis") return writer.u8(1).raw(statement.application).raw(statement.seed).toBytes();
  return writer.u8(2).raw(statement.member).u8(roleRank(statement.role)).raw(statement.nonce).toBytes();
}

export function decodeStatement(bytes: Uint8Array): Statement | undefined {
  const reader = new Reader(bytes);
  const kind = reader.u8();
  const id = reader.raw(ID_BYTES);
  if (kind === 1) {
    const seed = reader.raw(NONCE_BYTES);
    return reader.finish() ? { kind: "genesis", application: applicationId(id), seed } : undefined;
  }
  const role = roleOfRank(reader.u8());
  const nonce = reader.raw(NONCE_BYTES);
  return kind === 2 && role && reader.finish() ? { kind: "add", member: publicKey(id), role, nonce } : undefined;
}
