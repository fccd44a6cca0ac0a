/**
 * The work of `reference/plain-work.ts` through core's document. It does more than the plain port: reads go through
 * transactions or views, and a round of writes ends with the joins that its delta would carry, encoded.
 */
import { ACTOR_BYTES, actorId, ID_BYTES, nextStamp, publicKey } from "@dunlin/core/base";
import { Document, type Origin, type Transaction, textPlugin } from "@dunlin/core/crdt";
import { keep, type Work } from "./measure.ts";

/** One counter of one actor, which keeps growing. */
export function incrementDocumentCounter(count: number): Work {
  return writing(`counter increment x${count}, one transaction`, (transaction) => {
    const counter = transaction.field("counter", "count");
    for (let i = 0; i < count; i++) counter.add(1);
  });
}

/** One map that is kept: after the first round every set overwrites. */
export function insertIntoDocumentMap(count: number): Work {
  return writing(`map insert x${count}, one transaction`, (transaction) => {
    const map = transaction.field("map", "entries");
    for (let i = 0; i < count; i++) map.set(`key_${i}`, `value_${i}`);
  });
}

/** Reads every key of a filled map, building the key each time. */
export function getFromDocumentMap(count: number): Work {
  return {
    name: `map get x${count}`,
    prepare: () => {
      const document = openDocument();
      const transaction = document.begin(originAfter(document));
      for (let i = 0; i < count; i++) transaction.field("map", "entries").set(`key_${i}`, `value_${i}`);
      transaction.commit();
      const map = document.field("map", "entries");
      return () => {
        for (let i = 0; i < count; i++) keep(map.get(`key_${i}`));
      };
    },
  };
}

function writing(name: string, write: (transaction: Transaction) => void): Work {
  return {
    name,
    prepare: () => {
      const document = openDocument();
      return () => {
        const transaction = document.begin(originAfter(document));
        write(transaction);
        keep(transaction.commit());
      };
    },
  };
}

const actor = actorId(new Uint8Array(ACTOR_BYTES).fill(1));
const member = publicKey(new Uint8Array(ID_BYTES).fill(2));

/** An empty document over a source that holds nothing: all of it stays in memory. */
function openDocument(): Document {
  return new Document({ get: () => undefined, range: () => [] }, textPlugin);
}

function originAfter(document: Document): Origin {
  return { stamp: nextStamp(document.lastStamp, Date.now()), actor, member };
}
