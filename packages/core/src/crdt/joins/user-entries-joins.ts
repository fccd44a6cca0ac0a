/**
 * Joins of user entries:   value, or absent
 *
 * The entry of the member whose delta it is: there is no way to name another's. Refused: a reference.
 */
export { type RegisterJoins as UserEntriesJoins, read, write } from "./register-joins.ts";
