/** The members of a context and what they may do in it. */
import { host } from "./host.ts";

/** In rising order; `none` is nobody's who may read. */
const ROLES = ["none", "reader", "writer", "admin"] as const;

export type Role = (typeof ROLES)[number];

export interface Member {
  /** In base58. */
  readonly publicKey: string;
  readonly role: Role;
}

/** Thrown by `context.require`. */
export class RoleRequired extends Error {
  readonly code = "ROLE_REQUIRED";
  constructor(role: Role) {
    super(`this takes the role ${role}`);
  }
}

export function roleOf(member: string): Role {
  const found = host.members().find(([publicKey]) => publicKey === member);
  return (found?.[1] ?? "none") as Role;
}

export function suffices(held: Role, wanted: Role): boolean {
  return ROLES.indexOf(held) >= ROLES.indexOf(wanted);
}
