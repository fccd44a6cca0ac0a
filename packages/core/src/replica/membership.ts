/** What a member may change about the members and the application, and why not: judged before it is said, by what others will judge by. */
import { type AccessState, type Role, roleRank, type Statement } from "../access/index.ts";
import { type Failure, idKey, type PublicKey } from "../base/index.ts";

export type MembershipErrorCode =
  /** It is no member of the context, so there is nothing to change. */
  | "MEMBER_UNKNOWN"
  /** The context would be left without an admin: make another member admin first. */
  | "LAST_ADMIN";

const ADMIN_RANK = roleRank("admin" satisfies Role);

/**
 * Why this member may not say so; undefined when it may. `state` is that of all that is held here, `role` the member's own
 * by that and in a delta on the present heads: what waits here may be what makes it a member.
 */
export function refusalToDeclare(
  state: AccessState,
  by: PublicKey,
  role: Role | undefined,
  statement: Statement,
): Failure | undefined {
  const own = role ? roleRank(role) : 0;
  if (own === 0) return { code: "ACCESS_DENIED", message: "this node's member does not belong to the context" };
  const isOwn = concernsOnly(state, by, statement);
  if (own < ADMIN_RANK && !isOwn) {
    const what = statement.kind === "upgrade" ? "application" : "members";
    return { code: "ACCESS_DENIED", message: `only an admin of the context may change its ${what}` };
  }
  if (statement.kind !== "remove" && statement.kind !== "role") return undefined;
  const member = idKey(statement.member);
  if (!state.rankByMember.has(member)) {
    return failure("MEMBER_UNKNOWN", "it is no member of the context");
  }
  const staysAdmin = statement.kind === "role" && statement.role === "admin";
  const admins = [...state.rankByMember].filter(([, rank]) => rank === ADMIN_RANK);
  const isLast = !staysAdmin && admins.length === 1 && admins[0]?.[0] === member && state.rankByMember.size > 1;
  return isLast ? failure("LAST_ADMIN", "the context needs an admin: make another member admin first") : undefined;
}

function concernsOnly({ actorsByMember }: AccessState, by: PublicKey, statement: Statement): boolean {
  switch (statement.kind) {
    case "remove":
      return idKey(statement.member) === idKey(by);
    case "retire":
    case "dormant":
    case "awake":
      return actorsByMember.get(idKey(by))?.has(idKey(statement.actor)) === true;
    case "ask":
    case "hand":
      return true;
    default:
      return false;
  }
}

function failure(code: MembershipErrorCode, message: string): Failure {
  return { code, message };
}
