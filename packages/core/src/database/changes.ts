/**
 * A feed taken in: deltas of another copy of this database, batch by batch, each durable before the next is asked for.
 *
 * Owns that a feed may be interrupted anywhere and applied again: what is known is skipped, and what stands on
 * something that has not come waits for it. A refused delta ends it, and what came before it stays.
 */
import { type ContextId, idKey, must, type Scheduler } from "../base/index.ts";
import { CollectionError, FEED_BATCH_DELTAS_MAX } from "../collections/index.ts";
import type { Crypto } from "../crypto/index.ts";
import { decodeDelta } from "../dag/index.ts";
import type { Replica } from "../replica/index.ts";

/** A batch of `changes()`, or the deltas alone. */
export type FeedItem = { readonly deltas: readonly Uint8Array[] } | readonly Uint8Array[];
export type FeedSource = AsyncIterable<FeedItem> | Iterable<FeedItem>;

/** Deltas of a feed, each counted once. */
export interface Applied {
  /** New here. */
  readonly admitted: number;
  /** Here before. */
  readonly known: number;
  /** Kept, and without effect until what they stand on comes. */
  readonly pending: number;
}

export interface FeedPorts {
  readonly crypto: Crypto;
  readonly scheduler: Scheduler;
}

interface Waiting {
  readonly key: string;
  readonly index: number;
}

/** Between looks at whether the pages that deltas wait for have come. */
const STALL_POLL_MS = 1;

/** Throws the code of the first refused delta, with its place among the deltas of the feed. */
export async function applyFeed(
  ports: FeedPorts,
  replica: Replica,
  source: FeedSource,
  signal: AbortSignal | undefined,
): Promise<Applied> {
  const intake = new Intake(ports, replica);
  signal?.throwIfAborted();
  for await (const item of source) {
    signal?.throwIfAborted();
    const deltas = deltasOf(item, intake.count);
    for (let at = 0; at < deltas.length; at += FEED_BATCH_DELTAS_MAX) {
      await intake.take(deltas.slice(at, at + FEED_BATCH_DELTAS_MAX));
    }
    signal?.throwIfAborted();
  }
  return intake.applied();
}

class Intake {
  readonly #ports: FeedPorts;
  readonly #replica: Replica;
  readonly #context: ContextId;
  #waiting: Waiting[] = [];
  #known = 0;
  /** Deltas that were taken so far. */
  count = 0;

  constructor(ports: FeedPorts, replica: Replica) {
    this.#ports = ports;
    this.#replica = replica;
    this.#context = replica.context;
  }

  /** Resolves once what was admitted is durable. */
  async take(deltas: readonly Uint8Array[]): Promise<void> {
    this.#assertOpen();
    const refusal = await this.#replica.inTurn(() => this.#admit(deltas));
    while (this.#replica.isStalled && this.#replica.closed === undefined) await this.#pause();
    await this.#replica.settled();
    this.#assertOpen();
    if (refusal !== undefined) throw refusal;
    this.#waiting = this.#waiting.filter(({ key, index }) => {
      if (this.#replica.has(key)) return false;
      // It neither waits nor came in: it was released, and refused then, or there is no room for it to wait.
      if (this.#replica.holds(key)) return true;
      throw refusedAt(index, "DELTA_REFUSED", "what it stands on has come, and it was refused or dropped");
    });
  }

  applied(): Applied {
    const pending = this.#waiting.length;
    return { admitted: this.count - this.#known - pending, known: this.#known, pending };
  }

  #admit(deltas: readonly Uint8Array[]): CollectionError | undefined {
    const { verdicts, miss } = this.#replica.admitMany(deltas);
    for (const [at, verdict] of verdicts.entries()) {
      if (verdict.kind === "refused" && !verdict.isProof) {
        return refusedAt(this.count, verdict.error.code, verdict.error.message);
      }
      if (verdict.kind === "duplicate") this.#known++;
      else if (verdict.kind === "pending" || miss) this.#wait(must(deltas[at], "a verdict on each"), this.count);
      this.count++;
    }
    return undefined;
  }

  #wait(bytes: Uint8Array, index: number): void {
    const decoded = decodeDelta(this.#ports.crypto, this.#context, bytes);
    if (decoded.ok) this.#waiting.push({ key: idKey(decoded.value.id), index });
  }

  #assertOpen(): void {
    const { closed } = this.#replica;
    if (closed !== undefined) throw new CollectionError(closed.code, closed.message);
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#ports.scheduler.after(STALL_POLL_MS, resolve);
    });
  }
}

function refusedAt(index: number, code: string, why: string): CollectionError {
  return new CollectionError(code, `a delta of the feed was refused: ${why}`, { index });
}

function deltasOf(item: FeedItem, index: number): readonly Uint8Array[] {
  const deltas: unknown = item !== null && typeof item === "object" && "deltas" in item ? item.deltas : item;
  if (Array.isArray(deltas) && deltas.every((delta) => delta instanceof Uint8Array)) return deltas;
  throw new CollectionError("FEED_MALFORMED", "a feed has batches of deltas, or lists of their bytes", { index });
}
