/**
 * What a session knows of a divergence: the same deltas here and there, and unequal roots. That is a bug, or damage on one
 * side; the hashes of 16 parts of the state say where. Each derives its state anew from its own log, by which the damaged
 * one mends itself. Nothing of the peer's state is ever taken over.
 */
import { bytesEqual, idToText, type Log, Miss } from "../base/index.ts";
import type { Replica } from "../replica/index.ts";

type Branches = readonly (Uint8Array | undefined)[];

export const BRANCHES = 16;

export interface DivergencePorts {
  readonly replica: Replica;
  readonly log: Log;
  readonly peer: string;
  readonly count: (name: string) => void;
  /** Sends the hashes of this side's parts. */
  readonly tell: (branches: Branches) => void;
}

export class Divergence {
  readonly #ports: DivergencePorts;
  #reason: string | undefined;
  /** The commit whose parts were told. */
  #toldCount = -1;

  constructor(ports: DivergencePorts) {
    this.#ports = ports;
  }

  /** In words; undefined while there is none. */
  get reason(): string | undefined {
    const { verdict } = this.#ports.replica.checkpoints.mending;
    return this.#reason && [this.#reason, verdict].filter((words) => words !== undefined).join("; ");
  }

  /** Heads are unequal, or roots equal. */
  clear(): void {
    this.#reason = undefined;
  }

  /** Equal heads, unequal roots. */
  found(): void {
    this.#ports.count("sync.root_mismatch");
    // In which parts is told before these are made anew.
    if (this.#reason !== undefined) this.#mend();
    this.#reason ??= describe([]);
    this.#tell();
  }

  /** The peer's parts, of the same heads as here. */
  onBranches(theirs: Branches): void {
    const ours = this.#branches();
    if (!ours || ours.length !== theirs.length) return;
    const differing = ours.flatMap((hash, part) => (isSame(hash, theirs[part]) ? [] : [part]));
    if (differing.length === 0) return;
    const { log, peer, replica } = this.#ports;
    this.#reason = describe(differing);
    log.log("error", "sync.diverged", { peer, context: idToText(replica.context), parts: differing });
    this.#tell();
    this.#mend();
  }

  #mend(): void {
    const { replica, count } = this.#ports;
    void replica.checkpoints.mending.ask()?.then((outcome) => count(`sync.state_${outcome}`));
  }

  #tell(): void {
    const { count } = this.#ports.replica.flushed;
    const branches = this.#toldCount === count ? undefined : this.#branches();
    if (!branches) return;
    this.#toldCount = count;
    this.#ports.tell(branches);
  }

  /** Of exactly the flushed state; undefined while that is not in memory. */
  #branches(): Branches | undefined {
    const { replica } = this.#ports;
    if (replica.flushed.root === undefined) return undefined;
    if (replica.backlog > 0 || !replica.document.isIdle || replica.graph.size !== replica.flushed.count)
      return undefined;
    try {
      return replica.document.branches();
    } catch (thrown) {
      if (thrown instanceof Miss) return undefined;
      throw thrown;
    }
  }
}

function describe(parts: readonly number[]): string {
  const what = "the peer holds the same deltas and another state: a bug, or damage on one side";
  if (parts.length === 0) return what;
  return `${what}; cells differ whose key hash begins with ${parts.map((part) => part.toString(16)).join(", ")}`;
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}
