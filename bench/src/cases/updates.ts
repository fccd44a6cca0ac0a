/** One update per set: a transaction, its joins, and another replica that applies them. Beside it `Map` and JSON. */
import type { Origin } from "@dunlin/core/crdt";
import type { Figures } from "../isolated.ts";
import { keep } from "../measure.ts";
import { openDocument, originAfter } from "../subject.ts";
import { Samples } from "./samples.ts";

export const UPDATES = 100_000;

export function updates(runs: number): Figures {
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const [writer, reader] = [openDocument(), openDocument()];
    const joins: Uint8Array[] = [];
    const origins: Origin[] = [];
    samples.time("produce", () => {
      for (let i = 0; i < UPDATES; i++) {
        const origin = originAfter(writer);
        const transaction = writer.begin(origin);
        transaction.field("map", "entries").set(`key-${i}`, `value-${i}`);
        joins.push(transaction.commit() as Uint8Array);
        origins.push(origin);
      }
    });
    samples.time("applyEach", () => {
      for (let i = 0; i < UPDATES; i++) reader.apply(joins[i] as Uint8Array, origins[i] as Origin);
    });
  }
  return samples.figures;
}

export function plainUpdates(runs: number): Figures {
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    const messages: string[] = [];
    samples.time("plainProduce", () => {
      const entries = new Map<string, string>();
      for (let i = 0; i < UPDATES; i++) {
        const [key, value] = [`key-${i}`, `value-${i}`];
        entries.set(key, value);
        messages.push(JSON.stringify({ key, value, stamp: Date.now() }));
      }
      keep(entries);
    });
    samples.time("plainApply", () => {
      const entries = new Map<string, string>();
      for (const message of messages) {
        const { key, value } = JSON.parse(message) as { key: string; value: string };
        entries.set(key, value);
      }
      keep(entries);
    });
  }
  return samples.figures;
}
