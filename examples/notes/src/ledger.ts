/**
 * What was asked of the nodes and what they said: every acknowledged write, and when which node told of it.
 *
 * All times are of one clock, in this process: from the sending of a call to the event with its delta elsewhere.
 */
export type NodeName = "A" | "B" | "C";
export const NODE_NAMES: readonly NodeName[] = ["A", "B", "C"];

export type WriteKind = "edit" | "tally" | "put";

/** A write that its node has acknowledged. */
export interface Write {
  readonly node: NodeName;
  readonly kind: WriteKind;
  readonly deltaId: string;
  readonly sentMs: number;
  readonly ackMs: number;
  /** The other nodes that were followed when it was sent. */
  readonly followed: readonly NodeName[];
}

export interface Lag {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly samples: number;
}

export class Ledger {
  readonly #writes: Write[] = [];
  readonly #heardMs = new Map<NodeName, Map<string, number>>(NODE_NAMES.map((name) => [name, new Map()]));
  readonly #followed = new Set<NodeName>();
  /** Values by key, of acknowledged `put`s. */
  readonly values: Map<string, string> = new Map();
  /** Sums by name, of acknowledged `tally`s. */
  readonly tallies: Map<string, number> = new Map();

  get writes(): readonly Write[] {
    return this.#writes;
  }

  /** Every delta that holds an acknowledged write. */
  deltas(): string[] {
    return [...new Set(this.#writes.map((write) => write.deltaId))];
  }

  writesOf(node: NodeName): Write[] {
    return this.#writes.filter((write) => write.node === node);
  }

  setFollowed(node: NodeName, isFollowed: boolean): void {
    if (isFollowed) this.#followed.add(node);
    else this.#followed.delete(node);
  }

  /** Notes who listens at the time of sending; the returned function is called with the acknowledgement. */
  begin(node: NodeName, kind: WriteKind): (deltaId: string | null) => void {
    const sentMs = performance.now();
    const followed = [...this.#followed].filter((other) => other !== node);
    return (deltaId) => {
      if (deltaId === null) return;
      this.#writes.push({ node, kind, deltaId, sentMs, ackMs: performance.now(), followed });
    };
  }

  hear(node: NodeName, deltaIds: readonly string[]): void {
    const heard = this.#heardMs.get(node);
    const now = performance.now();
    for (const id of deltaIds) if (heard?.has(id) === false) heard.set(id, now);
  }

  /** Acknowledged writes of `from` that none of `others` has told of. */
  countUnheard(from: readonly NodeName[], others: readonly NodeName[]): number {
    return this.#writes.filter(
      ({ node, deltaId }) => from.includes(node) && !others.some((other) => this.#heardMs.get(other)?.has(deltaId)),
    ).length;
  }

  /** Time from a call on `node` to its event on each other node. */
  lagOf(node: NodeName): Lag {
    const lags: number[] = [];
    for (const { node: writer, deltaId, sentMs, followed } of this.#writes) {
      if (writer !== node) continue;
      for (const other of followed) {
        const heardMs = this.#heardMs.get(other)?.get(deltaId);
        if (heardMs !== undefined) lags.push(heardMs - sentMs);
      }
    }
    lags.sort((a, b) => a - b);
    return { p50Ms: quantile(lags, 0.5), p99Ms: quantile(lags, 0.99), samples: lags.length };
  }

  /** Acknowledged calls per second of a node, from its first call sent to its last answer. */
  rateOf(node: NodeName): number {
    const writes = this.writesOf(node);
    const first = writes.reduce((least, { sentMs }) => Math.min(least, sentMs), Number.POSITIVE_INFINITY);
    const last = writes.reduce((most, { ackMs }) => Math.max(most, ackMs), 0);
    return writes.length === 0 ? 0 : (writes.length * 1000) / Math.max(1, last - first);
  }
}

/** The smallest value that at least a share `q` of all does not exceed; 0 for none. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0;
}
