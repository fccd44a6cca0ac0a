/**
 * Joins of a graph: those of the set of its vertices and edges, by their keys as text. Refused: an element that names
 * neither a vertex nor an edge. An edge whose ends are not there is no matter of form: it shows once they are.
 */
import type { Reader } from "../../base/index.ts";
import * as removeWins from "../joins/remove-wins-joins.ts";
import * as set from "../joins/set-joins.ts";
import type { Intern } from "../origin.ts";
import type { Stored } from "../stored.ts";
import { isGraphKey } from "./graph-key.ts";

export { write as writeRemoveWins } from "../joins/remove-wins-joins.ts";
export { write as writeAddWins } from "../joins/set-joins.ts";

export function readAddWins(reader: Reader, intern: Intern, budget: { joins: number }): set.SetJoins {
  return checked(reader, set.read(reader, intern, budget));
}

export function readRemoveWins(reader: Reader, intern: Intern, budget: { joins: number }): removeWins.RemoveWinsJoins {
  return checked(reader, removeWins.read(reader, intern, budget));
}

function checked<J extends { readonly element: Stored }>(reader: Reader, joins: readonly J[]): readonly J[] {
  for (const { element } of joins) if (typeof element !== "string" || !isGraphKey(element)) reader.fail();
  return joins;
}
