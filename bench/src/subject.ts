/**
 * The work of `reference/plain-work.ts` through core's document. It does more than the plain port: reads go through
 * transactions or views, and a round of writes ends with the joins that its delta would carry, encoded.
 */
import { randomFillSync } from "node:crypto";
import { ACTOR_BYTES, type ActorId, actorId, ID_BYTES, nextStamp, publicKey, type Stamp } from "@dunlin/core/base";
import {
  Document,
  joinRegisters,
  type Origin,
  type RegisterCell,
  type Transaction,
  textPlugin,
} from "@dunlin/core/crdt";
import { keep, type Work } from "./measure.ts";

/** As a cell of the state, without document and delta: an actor of its own each, a reading of the clock, a value. */
export function createRegisterCells(count: number): Work {
  return {
    name: `register create x${count}, cells`,
    prepare: () => {
      let last = 0 as Stamp;
      return () => {
        for (let i = 0; i < count; i++) {
          last = nextStamp(last, Date.now());
          keep({ content: `value_${i}`, stamp: last, actor: drawActor() });
        }
      };
    },
  };
}

/** A cell takes in others, each later than the one before. */
export function mergeRegisterCells(count: number): Work {
  return {
    name: `register merge x${count}, cells`,
    prepare: () => {
      const start = nextStamp(0 as Stamp, Date.now());
      const cells = Array.from(
        { length: count },
        (_, i): RegisterCell => ({ content: `value_${i}`, stamp: (start + i) as Stamp, actor: drawActor() }),
      );
      return () => {
        let result = cells[0] as RegisterCell;
        for (let i = 1; i < count; i++) result = joinRegisters(result, cells[i] as RegisterCell);
        keep(result);
      };
    },
  };
}

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

const pool = new Uint8Array(4096);
let poolAt = pool.length;

/** Random bytes are drawn many at a time, as the platform does for its own UUIDs. */
function drawActor(): ActorId {
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  poolAt += ACTOR_BYTES;
  return actorId(pool.slice(poolAt - ACTOR_BYTES, poolAt));
}

/** An empty document over a source that holds nothing: all of it stays in memory. */
export function openDocument(): Document {
  return new Document({ get: () => undefined, range: () => [] }, textPlugin);
}

export function originAfter(document: Document): Origin {
  return { stamp: nextStamp(document.lastStamp, Date.now()), actor, member };
}
