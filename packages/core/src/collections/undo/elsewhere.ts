/** What was changed by others, and when: a document that somebody else has worked on is not to be deleted by an undo. */
import { type ContainerId, idKey } from "../../base/index.ts";
import { ELSEWHERE_MAX } from "./limits.ts";

export class Elsewhere {
  #count = 0;
  /** Everything counts as changed up to here. */
  #allAt = 0;
  readonly #changedAt = new Map<string, number>();

  /** Now, in the order of what happens here. */
  get now(): number {
    return this.#count;
  }

  note(container: ContainerId, id: string | undefined): void {
    this.#count++;
    if (this.#changedAt.size >= ELSEWHERE_MAX) this.noteAll();
    this.#changedAt.set(keyOf(container, id), this.#count);
  }

  /** Anything may have changed. */
  noteAll(): void {
    this.#changedAt.clear();
    this.#count++;
    this.#allAt = this.#count;
  }

  /** Whether it was changed after `at`. */
  hasChanged(container: ContainerId, id: string | undefined, at: number): boolean {
    return this.#allAt > at || (this.#changedAt.get(keyOf(container, id)) ?? 0) > at;
  }
}

function keyOf(container: ContainerId, id: string | undefined): string {
  return id === undefined ? idKey(container) : `${idKey(container)}|${id}`;
}
