/** Documents in memory, and transactions on them in one line, for tests. */
import { must } from "../../base/index.ts";
import { Document } from "../document.ts";
import { WriteRefused } from "../refusal.ts";
import type { Transaction } from "../transaction.ts";
import { originOf } from "./draw.ts";
import { MemorySource } from "./memory-source.ts";
import { naiveTextPlugin } from "./naive-text.ts";

export function openDocument(source: MemorySource = new MemorySource()): Document {
  return new Document(source, naiveTextPlugin);
}

/** Runs and commits a transaction of the actor with this number, who belongs to the member with the same. */
export function write(document: Document, stamp: number, actor: number, work: (tx: Transaction) => void): Uint8Array {
  const tx = document.begin(originOf(stamp, actor));
  work(tx);
  return must(tx.commit(), "the transaction changed something");
}

/** The code with which a write is refused; undefined when it is not. */
export function refusalOf(work: () => void): string | undefined {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof WriteRefused) return thrown.code;
    throw thrown;
  }
  return undefined;
}
