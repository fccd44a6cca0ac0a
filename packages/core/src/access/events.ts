/**
 * What the access log consists of: statements, each with the log that its author had before it, and enrolments.
 *
 * Whether one statement was made with another among its ancestors is all that judging needs to know of causality.
 */
import { idKey } from "../base/index.ts";
import { type Role, roleRank, type Statement } from "./statement.ts";

export interface StatementEvent {
  readonly kind: "statement";
  /** Names it alike on every node: its delta's key, and its place among the delta's statements. */
  readonly id: string;
  readonly author: string;
  readonly statement: Statement;
  /** How many access events its author had before it. */
  readonly depth: number;
  /** Whether only an admin may say it. */
  readonly needsAdmin: boolean;
  /** Whether its author could say so only as the member added first, no admin being left. */
  readonly bySeniority: boolean;
}

export interface Enrolment {
  readonly kind: "enrolment";
  readonly member: string;
  readonly actor: string;
}

export type AccessEvent = StatementEvent | Enrolment;

/** Whether `earlier` is among the ancestors of `later`, or before it in one delta. */
export type Precedes = (earlier: StatementEvent, later: StatementEvent) => boolean;

/** The member that a statement gives a role or takes one from; undefined for other statements. */
export function memberOf({ author, statement }: StatementEvent): string | undefined {
  if (statement.kind === "genesis") return author;
  const names = statement.kind === "add" || statement.kind === "role" || statement.kind === "remove";
  return names ? idKey(statement.member) : undefined;
}

/** The rank that a statement leaves its member, for one that may lower it: removed is 0. */
export function takenTo({ statement }: StatementEvent): number | undefined {
  if (statement.kind === "remove") return 0;
  return statement.kind === "role" && statement.role !== "admin" ? roleRank(statement.role) : undefined;
}

/** The rank that a statement gives, for one that never lowers it. */
export function givenRank({ statement }: StatementEvent): number | undefined {
  if (statement.kind === "genesis") return ADMIN_RANK;
  const gives = statement.kind === "add" || (statement.kind === "role" && statement.role === "admin");
  return gives ? roleRank(statement.role) : undefined;
}

export const ADMIN_RANK: number = roleRank("admin" satisfies Role);
