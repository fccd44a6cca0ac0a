/**
 * Some records of one container, made of joins alone, apart from any document: what they were for whoever held exactly
 * those joins. What a document would make of a blob, this does: a malformed one counts as empty, void joins as nothing.
 */
import {
  type ActorId,
  bytesEqual,
  type ContainerId,
  ID_BYTES,
  idKey,
  type PublicKey,
  publicKey,
} from "../../base/index.ts";
import { fieldContainerId } from "../cell-key.ts";
import { decodeJoins } from "../joins/joins.ts";
import type { Origin } from "../origin.ts";
import { joinsToRecords } from "./apply-records.ts";
import { empty, join, type RecordCell } from "./record-cell.ts";

/** Records are joined by stamp and actor; whose the actor is has no part in it. */
const NOBODY: PublicKey = publicKey(new Uint8Array(ID_BYTES));

export class RecordFold {
  readonly #container: ContainerId;
  readonly #cells: Map<string, RecordCell>;
  readonly #actors = new Map<string, ActorId>();

  constructor(container: ContainerId, ids: Iterable<string>) {
    this.#container = container;
    this.#cells = new Map([...ids].map((id) => [id, empty]));
  }

  /** A record, a deleted one too; undefined when no join was of it. */
  get(id: string): RecordCell | undefined {
    const cell = this.#cells.get(id);
    return cell === empty ? undefined : cell;
  }

  /** Joins a delta entry: in any order, and twice, is all the same. */
  apply(joins: Uint8Array, { stamp, actor }: Omit<Origin, "member">): void {
    const origin = { stamp, actor: this.#intern(actor), member: NOBODY };
    for (const container of decodeJoins(joins, this.#intern) ?? []) {
      if (container.type !== "records") continue;
      const { name } = container;
      const id = typeof name === "string" ? fieldContainerId("records", name) : name;
      if (!bytesEqual(id, this.#container)) continue;
      const { cells } = joinsToRecords(container.joins, origin);
      for (const [place, cell] of cells.entries()) this.#join(container.joins.ids[place] as string, cell);
    }
  }

  #join(id: string, cell: RecordCell | undefined): void {
    const known = this.#cells.get(id);
    if (known !== undefined && cell !== undefined) this.#cells.set(id, join(known, cell));
  }

  readonly #intern = (actor: Uint8Array): ActorId => {
    const key = idKey(actor);
    const known = this.#actors.get(key);
    if (known !== undefined) return known;
    const copy = actor.slice() as ActorId;
    this.#actors.set(key, copy);
    return copy;
  };
}
