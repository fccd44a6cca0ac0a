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
  /** The lives that the nodes were in when it was sent. */
  readonly lives: Lives;
}

/** How often each node had been started: an event told in a later life has waited for a restart. */
export type Lives = Readonly<Record<NodeName, number>>;

export interface Lag {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly samples: number;
  /** Events that are not among the samples: their writer or their teller was killed between call and event. */
  readonly heldUp: number;
}

interface Heard {
  readonly ms: number;
  readonly lives: Lives;
}

export class Ledger {
  readonly #writes: Write[] = [];
  readonly #heard = new Map<NodeName, Map<string, Heard>>(NODE_NAMES.map((name) => [name, new Map()]));
  #lives: Lives = { A: 0, B: 0, C: 0 };
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

  /** A node starts another life. */
  startLife(node: NodeName): void {
    this.#lives = { ...this.#lives, [node]: this.#lives[node] + 1 };
  }

  /** To be called when a call is sent; the returned function is called with its acknowledgement. */
  begin(node: NodeName, kind: WriteKind): (deltaId: string | null) => void {
    const sentMs = performance.now();
    const lives = this.#lives;
    return (deltaId) => {
      if (deltaId !== null) this.#writes.push({ node, kind, deltaId, sentMs, ackMs: performance.now(), lives });
    };
  }

  hear(node: NodeName, deltaIds: readonly string[]): void {
    const heard = this.#heard.get(node);
    const now = { ms: performance.now(), lives: this.#lives };
    for (const id of deltaIds) if (heard?.has(id) === false) heard.set(id, now);
  }

  /** Acknowledged writes of `from` that none of `others` has told of. */
  countUnheard(from: readonly NodeName[], others: readonly NodeName[]): number {
    return this.#writes.filter(
      ({ node, deltaId }) => from.includes(node) && !others.some((other) => this.#heard.get(other)?.has(deltaId)),
    ).length;
  }

  /** Time from a call on `node` to its event on each other node. */
  lagOf(node: NodeName): Lag {
    const lags: number[] = [];
    let heldUp = 0;
    for (const write of this.writesOf(node)) {
      for (const other of NODE_NAMES) {
        const heard = other === node ? undefined : this.#heard.get(other)?.get(write.deltaId);
        if (heard === undefined) continue;
        const hasRestarted = [node, other].some((name) => heard.lives[name] !== write.lives[name]);
        if (hasRestarted) heldUp++;
        else lags.push(heard.ms - write.sentMs);
      }
    }
    lags.sort((a, b) => a - b);
    return { p50Ms: quantile(lags, 0.5), p99Ms: quantile(lags, 0.99), samples: lags.length, heldUp };
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
