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
  type Value,
} from "@dunlin/core/crdt";
import { check, checkedWork, keep, type Work } from "./measure.ts";

/** As a cell of the state, without document and delta: an actor of its own each, a reading of the clock, a value. */
export function createRegisterCells(count: number): Work {
  let cell: RegisterCell | undefined;
  return checkedWork(`register create x${count}, cells`, () => {
    let last = 0 as Stamp;
    return {
      run: () => {
        for (let i = 0; i < count; i++) {
          last = nextStamp(last, Date.now());
          cell = { content: `value_${i}`, stamp: last, actor: drawActor() };
          keep(cell);
        }
      },
      verify: () => check(cell?.content === `value_${count - 1}`, `${count} registers`),
    };
  });
}

/** A cell takes in others, each later than the one before. */
export function mergeRegisterCells(count: number): Work {
  return checkedWork(`register merge x${count}, cells`, () => {
    const start = nextStamp(0 as Stamp, Date.now());
    const cells = Array.from(
      { length: count },
      (_, i): RegisterCell => ({ content: `value_${i}`, stamp: (start + i) as Stamp, actor: drawActor() }),
    );
    let result = cells[0] as RegisterCell;
    return {
      run: () => {
        result = cells[0] as RegisterCell;
        for (let i = 1; i < count; i++) result = joinRegisters(result, cells[i] as RegisterCell);
        keep(result);
      },
      verify: () => check(result.content === `value_${count - 1}`, "the last register has won"),
    };
  });
}

/** One counter of one actor, which keeps growing. */
export function incrementDocumentCounter(count: number): Work {
  return checkedWork(`counter increment x${count}, one transaction`, () => {
    const document = openDocument();
    let rounds = 0;
    return {
      run: () => {
        write(document, (transaction) => addOften(transaction, count));
        rounds++;
      },
      verify: () => check(counted(document) === rounds * count, `${rounds * count} increments`),
    };
  });
}

/** A new document each round. */
export function fillDocumentCounter(count: number): Work {
  let document = openDocument();
  return checkedWork(`counter fill x${count}, one transaction`, () => ({
    run: () => {
      document = openDocument();
      write(document, (transaction) => addOften(transaction, count));
    },
    verify: () => check(counted(document) === count, `${count} increments`),
  }));
}

/** One map that is kept: after the first round every set overwrites. */
export function insertIntoDocumentMap(count: number): Work {
  return checkedWork(`map insert x${count}, one transaction`, () => {
    const document = openDocument();
    return {
      run: () => write(document, (transaction) => setAll(transaction, count, toText)),
      verify: () => check(document.field("map", "entries").size === count, `${count} entries`),
    };
  });
}

/** A new document each round, whose map grows. */
export function fillDocumentMap(count: number, toValue: (i: number) => Value = toText): Work {
  let document = openDocument();
  return checkedWork(`map fill x${count}, one transaction`, () => ({
    run: () => {
      document = openDocument();
      write(document, (transaction) => setAll(transaction, count, toValue));
    },
    verify: () => check(document.field("map", "entries").size === count, `${count} entries`),
  }));
}

/** Reads every key of a filled map, building the key each time. */
export function getFromDocumentMap(count: number, toValue: (i: number) => Value = toText): Work {
  return checkedWork(`map get x${count}`, () => {
    const document = openDocument();
    write(document, (transaction) => setAll(transaction, count, toValue));
    const map = document.field("map", "entries");
    let read = 0;
    return {
      run: () => {
        for (let i = 0; i < count; i++) {
          const value = map.get(`key_${i}`);
          if (value !== undefined) read++;
          keep(value);
        }
      },
      verify: () => check(read > 0 && read % count === 0, "every key was read"),
    };
  });
}

const toText = (i: number): Value => `value_${i}`;

function addOften(transaction: Transaction, count: number): void {
  const counter = transaction.field("counter", "count");
  for (let i = 0; i < count; i++) counter.add(1);
}

function setAll(transaction: Transaction, count: number, toValue: (i: number) => Value): void {
  const map = transaction.field("map", "entries");
  for (let i = 0; i < count; i++) map.set(`key_${i}`, toValue(i));
}

function write(document: Document, change: (transaction: Transaction) => void): void {
  const transaction = document.begin(originAfter(document));
  change(transaction);
  keep(transaction.commit());
}

const counted = (document: Document): number => Number(document.field("counter", "count").value());

const actor = actorId(new Uint8Array(ACTOR_BYTES).fill(1));
const otherActor = actorId(new Uint8Array(ACTOR_BYTES).fill(3));
const member = publicKey(new Uint8Array(ID_BYTES).fill(2));

const pool = new Uint8Array(4096);
let poolAt = pool.length;

/** Random bytes are drawn many at a time, as the platform does for its own UUIDs. */
export function drawActor(): ActorId {
  if (poolAt === pool.length) {
    randomFillSync(pool);
    poolAt = 0;
  }
  poolAt += ACTOR_BYTES;
  return actorId(pool.slice(poolAt - ACTOR_BYTES, poolAt));
}

/** An empty document over a source that holds nothing: all of it stays in memory. */
export function openDocument(): Document {
  return new Document({ get: () => undefined, range: () => [] });
}

/** Of a member who writes at the same time, and a little later. */
export function otherOriginAfter(document: Document): Origin {
  const { stamp } = originAfter(document);
  return { stamp: nextStamp(stamp, Date.now() + 1000), actor: otherActor, member };
}

export function originAfter(document: Document): Origin {
  return { stamp: nextStamp(document.lastStamp, Date.now()), actor, member };
}
