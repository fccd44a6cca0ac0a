import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { type ActorId, createPrng, idKey, type Prng, type Stamp, Writer } from "../../base/index.ts";
import type { Content } from "../content.ts";
import { COUNTER_SUM_MAX } from "../limits.ts";
import { actorOf, drawValue } from "../reference/draw.ts";
import { checkCellLaws } from "../reference/laws.ts";
import { valueToStored } from "../stored.ts";
import { type CellKind, decodeCell, encodeCell, type Lattice } from "./cell-kind.ts";
import * as counterEntry from "./counter-entry.ts";
import * as firstWriter from "./first-writer.ts";
import * as frozenEntry from "./frozen-entry.ts";
import * as growEntry from "./grow-entry.ts";
import type { LastWriterCell } from "./last-writer.ts";
import * as mapEntry from "./map-entry.ts";
import * as multiValue from "./multi-value.ts";
import * as register from "./register.ts";
import * as removeWins from "./remove-wins.ts";
import * as setElement from "./set-element.ts";
import * as userEntry from "./user-entry.ts";

const intern = (bytes: Uint8Array): ActorId => bytes.slice() as ActorId;
const RUNS = 1500;

/** Few stamps, actors and values, so that ties of every kind come up. */
function drawStamp(prng: Prng): Stamp {
  return (1 + prng.below(3)) as Stamp;
}

function drawContent(prng: Prng): Content {
  return prng.chance(0.2) ? undefined : valueToStored(drawValue(prng, 1));
}

function drawRegister(prng: Prng): LastWriterCell {
  return { content: drawContent(prng), stamp: drawStamp(prng), actor: actorOf(prng.below(3)) };
}

function drawMapEntry(prng: Prng): LastWriterCell {
  const generation = { stamp: drawStamp(prng), actor: actorOf(prng.below(2)) };
  const content = prng.chance(0.4) ? { type: prng.pick(["map", "text"] as const), generation } : drawContent(prng);
  return { ...drawRegister(prng), content };
}

function drawCounterEntry(prng: Prng): counterEntry.CounterEntryCell {
  return { added: 1 + prng.below(4), subtracted: prng.chance(0.1) ? COUNTER_SUM_MAX : prng.below(4) };
}

function drawSetElement(prng: Prng): setElement.SetElementCell {
  const actors = [0, 1, 2].filter(() => prng.chance(0.6));
  if (actors.length === 0) actors.push(1);
  return actors.map((actor) => setElement.createSetEntry(actorOf(actor), drawStamp(prng), prng.below(4)));
}

function drawFirst(prng: Prng): firstWriter.FirstWriterCell {
  return { ...drawRegister(prng), content: valueToStored(drawValue(prng, 1)) };
}

function drawMulti(prng: Prng): multiValue.MultiValueCell {
  const seen = drawActors(prng).map((actor) => ({ actor, stamp: drawStamp(prng) }));
  const own = { actor: actorOf(prng.below(3)), stamp: drawStamp(prng) };
  return multiValue.createMultiValue(
    own,
    seen.length > 0 && prng.chance(0.2) ? undefined : valueToStored(drawValue(prng, 1)),
    seen,
  );
}

function drawRemoveWins(prng: Prng): removeWins.RemoveWinsCell {
  const seen = drawActors(prng).map((actor) => ({ actor, stamp: drawStamp(prng) }));
  const addition = removeWins.createAddition(seen);
  if (prng.chance(0.3)) return addition;
  const removal = removeWins.createRemoval({ actor: actorOf(prng.below(3)), stamp: drawStamp(prng) });
  return prng.chance(0.5) ? removal : removeWins.join(addition, removal);
}

function drawActors(prng: Prng): ActorId[] {
  return [0, 1, 2].filter(() => prng.chance(0.5)).map(actorOf);
}

function laws<C>(name: string, kind: Lattice<C>, draw: (prng: Prng) => C): void {
  describe(name, () => {
    it("keeps the laws", () => {
      const prng = createPrng(11);
      for (let run = 0; run < RUNS; run++) checkCellLaws(kind, draw, prng, intern);
    });

    it("decodes only from what it encodes to, whatever the damage", () => {
      const prng = createPrng(12);
      const corpus = Array.from({ length: 100 }, () => encodeCell(kind, draw(prng)));
      const decode = (bytes: Uint8Array) => decodeCell(kind, bytes, intern);
      const report = fuzzDecoder({ name, seed: 12, corpus, decode, encode: (cell) => encodeCell(kind, cell) });
      expect(report.accepted).toBeGreaterThan(10);
    });
  });
}

laws("a register", register, drawRegister);
laws("a map entry", mapEntry, drawMapEntry);
laws("a counter entry", counterEntry, drawCounterEntry);
laws("a set element", setElement, drawSetElement);
laws("a first-writer value", firstWriter, drawFirst);
laws("a multi-value", multiValue, drawMulti);
laws("a remove-wins element", removeWins, drawRemoveWins);
laws("a growing counter's entry", growEntry, (prng) => ({ added: 1 + prng.below(4), subtracted: 0 }));
laws("a user entry", userEntry, drawRegister);
laws("a frozen entry", frozenEntry, (prng) => ({ content: valueToStored(drawValue(prng, 1)) }));

describe("entry keys", () => {
  it("come back from the store as they went in", () => {
    for (const key of ["", "a", "zażółć", "\u0000"]) {
      expect(mapEntry.bytesToKey(keyBytes(mapEntry, key))).toBe(key);
    }
    const hash = idKey(new Uint8Array(32).fill(200));
    for (const kind of [userEntry, frozenEntry]) expect(kind.bytesToKey(keyBytes(kind, hash))).toBe(hash);
    for (const value of ["", "b", 7, null, -1n, ["x"], Uint8Array.of(1, 2), { a: 1 }]) {
      const key = setElement.elementToKey(valueToStored(value));
      expect(setElement.bytesToKey(keyBytes(setElement, key))).toBe(key);
      expect(setElement.keyToElement(key)).toEqual(value);
    }
  });

  it("are refused when they are of another kind", () => {
    expect(userEntry.bytesToKey(new Uint8Array(31))).toBeUndefined();
    expect(frozenEntry.bytesToKey(new Uint8Array(33))).toBeUndefined();
    expect(register.bytesToKey(Uint8Array.of(1))).toBeUndefined();
    expect(mapEntry.bytesToKey(Uint8Array.of(0xff))).toBeUndefined();
    expect(counterEntry.bytesToKey(new Uint8Array(15))).toBeUndefined();
    expect(setElement.bytesToKey(Uint8Array.of(0xff))).toBeUndefined();
  });
});

function keyBytes(kind: Pick<CellKind<unknown>, "writeKey">, key: string): Uint8Array {
  const writer = new Writer();
  kind.writeKey(writer, key);
  return writer.toBytes();
}
