/** Deltas that are written on one document and delivered to others, for tests of types whose conflicts are spelt out. */
import { assert, must } from "../../base/index.ts";
import type { Document } from "../document.ts";
import type { Origin } from "../origin.ts";
import type { Transaction } from "../transaction.ts";
import { refusalOf } from "./documents.ts";
import { originOf } from "./draw.ts";

export interface WrittenDelta {
  readonly joins: Uint8Array;
  readonly origin: Origin;
}

/** One delta, by an actor who has seen all that the document holds and nothing else. */
export function writeDelta(document: Document, actor: number, work: (tx: Transaction) => void): WrittenDelta {
  const origin = originOf(document.lastStamp + 1, actor);
  const tx = document.begin(origin);
  work(tx);
  return { joins: must(tx.commit(), "the transaction changed something"), origin };
}

export function deliver(document: Document, ...deltas: readonly WrittenDelta[]): void {
  for (const { joins, origin } of deltas) assert(document.apply(joins, origin).ok, "a delta was written here");
}

/** The code with which a transaction is refused, after it was rolled back; undefined when it is not. */
export function refusalIn(document: Document, work: (tx: Transaction) => void): string | undefined {
  const tx = document.begin(originOf(document.lastStamp + 1, 1));
  const code = refusalOf(() => work(tx));
  tx.rollback();
  return code;
}
