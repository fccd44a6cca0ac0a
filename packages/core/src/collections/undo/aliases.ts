/**
 * What stands for what: taking something back writes it anew, under another stamp, with other ids of characters, or in
 * another container. Who asks later whether a value is still the one that a transaction wrote is told of the original.
 *
 * A lookup that finds nothing errs to the safe side: the value counts as somebody else's. Aliases of a transaction that
 * has not committed lie over the others, and are adopted or forgotten with it.
 */
import { type ContainerId, compareBytes, idKey } from "../../base/index.ts";
import type { ElementRun, Generation } from "../../crdt/index.ts";
import { ALIASES_MAX } from "./limits.ts";

interface RunAlias {
  readonly of: ElementRun;
  /** The container, by key, of those that stand for them. */
  readonly in: string;
  /** As long. */
  readonly as: ElementRun;
}

/** What stands where nothing was written. */
export const NOTHING = "";

export class Aliases {
  readonly #below: Aliases | undefined;
  readonly #pairs = new Map<string, string>();
  readonly #containers = new Map<string, ContainerId>();
  readonly #runs = new Map<string, RunAlias[]>();
  #size = 0;

  constructor(below?: Aliases) {
    this.#below = below;
  }

  /** What was written in this cell under `pair`, or by nobody, stands for what `original` says. */
  addPair(cell: string, pair: Generation | undefined, original: string): void {
    this.add(cell, pair === undefined ? NOTHING : pairText(pair), original);
  }

  /** The same of what has another name than a pair. */
  add(cell: string, name: string, original: string): void {
    this.#pairs.set(`${cell}#${name}`, original);
    this.#size++;
  }

  /** The original of what was written in a cell under this pair. */
  original(cell: string, pair: Generation | undefined): string {
    return this.originalOf(cell, pair === undefined ? NOTHING : pairText(pair));
  }

  originalOf(cell: string, name: string): string {
    let text = name;
    for (;;) {
      const next: string | undefined = this.#pair(`${cell}#${text}`);
      if (next === undefined || next === text) return text;
      text = next;
    }
  }

  addContainer(of: ContainerId, as: ContainerId): void {
    this.#containers.set(idKey(of), as);
    this.#size++;
  }

  /** Where a container's content is now. */
  container(id: ContainerId): ContainerId {
    let at = id;
    for (;;) {
      const next: ContainerId | undefined = this.#container(idKey(at));
      if (next === undefined) return at;
      at = next;
    }
  }

  /** Units of a text that stand for others, one for one. Ids of units say nothing outside their container. */
  addRuns(of: ContainerId, runs: readonly ElementRun[], as: ContainerId, standing: readonly ElementRun[]): void {
    const key = idKey(of);
    const known = this.#runs.get(key) ?? [];
    this.#runs.set(key, known);
    const rest = standing.map((run) => ({ ...run }));
    for (const run of runs) {
      let { start } = run;
      while (start < run.end && rest[0] !== undefined) {
        const next = rest[0];
        const count = Math.min(run.end - start, next.end - next.start);
        const alias = { actor: next.actor, start: next.start, end: next.start + count };
        known.push({ of: { actor: run.actor, start, end: start + count }, in: idKey(as), as: alias });
        this.#size++;
        start += count;
        next.start += count;
        if (next.start === next.end) rest.shift();
      }
    }
  }

  /** The runs, and all that stands for a part of them, as far as they are where the container's content is now. */
  runs(container: ContainerId, runs: readonly ElementRun[]): ElementRun[] {
    const from = idKey(container);
    const all = runs.map((run) => ({ in: from, run }));
    for (let i = 0; i < all.length; i++) {
      const { in: key, run } = all[i] as (typeof all)[number];
      for (const alias of this.#runsOf(key)) {
        const { of, as } = alias;
        const start = Math.max(run.start, of.start);
        const end = Math.min(run.end, of.end);
        if (start >= end || compareBytes(run.actor, of.actor) !== 0) continue;
        const shift = as.start - of.start;
        all.push({ in: alias.in, run: { actor: as.actor, start: start + shift, end: end + shift } });
      }
    }
    const here = idKey(this.container(container));
    return all.filter((found) => found.in === here).map(({ run }) => run);
  }

  /** Takes over those of a transaction that has committed. Beyond the limit all are forgotten. */
  adopt(above: Aliases): void {
    this.#size += above.#size;
    if (this.#size > ALIASES_MAX) this.clear();
    for (const [key, original] of above.#pairs) this.#pairs.set(key, original);
    for (const [key, id] of above.#containers) this.#containers.set(key, id);
    for (const [key, runs] of above.#runs) this.#runs.set(key, [...(this.#runs.get(key) ?? []), ...runs]);
  }

  clear(): void {
    this.#pairs.clear();
    this.#containers.clear();
    this.#runs.clear();
    this.#size = 0;
  }

  #pair(key: string): string | undefined {
    const own = this.#pairs.get(key);
    return own === undefined && this.#below !== undefined ? this.#below.#pair(key) : own;
  }

  #container(key: string): ContainerId | undefined {
    const own = this.#containers.get(key);
    return own === undefined && this.#below !== undefined ? this.#below.#container(key) : own;
  }

  #runsOf(key: string): readonly RunAlias[] {
    const own = this.#runs.get(key) ?? [];
    if (this.#below === undefined) return own;
    const below = this.#below.#runsOf(key);
    return below.length === 0 ? own : [...below, ...own];
  }
}

export function pairText({ stamp, actor }: Generation): string {
  return `${stamp}/${idKey(actor)}`;
}

/** Whether an original is somebody else's than the actor's. */
export function isForeign(original: string, { actor }: Pick<Generation, "actor">): boolean {
  return original !== NOTHING && !original.endsWith(`/${idKey(actor)}`);
}
