import { describe, expect, it } from "vitest";
import { bytesToHex, createPrng, must, type Prng } from "../../base/index.ts";
import type { Document } from "../document.ts";
import { decodeJoins } from "../joins/joins.ts";
import { openDocument, refusalOf, write } from "../reference/documents.ts";
import { actorOf, originOf } from "../reference/draw.ts";
import { ReferenceMarks } from "../text/reference/reference-marks.ts";
import type { TextWriter } from "./text.ts";

const HISTORIES = 40;
const NAMES = ["bold", "color", "link"];

function edit(document: Document, stamp: number, actor: number, work: (text: TextWriter) => void): Uint8Array {
  return write(document, stamp, actor, (tx) => work(tx.field("text", "t")));
}

/** Two documents with the same text, then an edit of each made without the other's, exchanged. */
function meet(text: string, left: (text: TextWriter) => void, right: (text: TextWriter) => void): Document {
  const [a, b] = [openDocument(), openDocument()];
  expect(
    b.apply(
      edit(a, 1, 1, (writer) => writer.insert(0, text)),
      originOf(1, 1),
    ).ok,
  ).toBe(true);
  const fromA = edit(a, 2, 1, left);
  const fromB = edit(b, 2, 2, right);
  expect([a.apply(fromB, originOf(2, 2)).ok, b.apply(fromA, originOf(2, 1)).ok]).toEqual([true, true]);
  expect(bytesToHex(a.root())).toBe(bytesToHex(b.root()));
  expect(shown(a)).toEqual(shown(b));
  return a;
}

function shown(document: Document): string[] {
  return document
    .field("text", "t")
    .toSpans()
    .map(({ text, marks }) => `${text}|${[...marks].join(";")}`);
}

describe("marks", () => {
  it("cover what they were put on, by name, the last one holding", () => {
    const document = openDocument();
    edit(document, 1, 1, (text) => {
      text.insert(0, "The fox jumped");
      text.mark(0, 7, "bold", true);
      text.mark(4, 14, "color", "red");
      text.mark(8, 14, "color", "blue");
      text.unmark(0, 3, "bold");
    });
    expect(shown(document)).toEqual([
      "The|",
      " |bold,true",
      "fox|bold,true;color,red",
      " |color,red",
      "jumped|color,blue",
    ]);
    expect(document.field("text", "t").marks()).toEqual([
      { from: 3, to: 7, name: "bold", value: true },
      { from: 4, to: 8, name: "color", value: "red" },
      { from: 8, to: 14, name: "color", value: "blue" },
    ]);
  });

  it("grow at their ends as they were told", () => {
    const grown = (["after", "before", "both", "none"] as const).map((expand) => {
      const document = openDocument();
      edit(document, 1, 1, (text) => {
        text.insert(0, "abc");
        text.mark(1, 2, "m", true, { expand });
        text.insert(2, "2");
        text.insert(1, "1");
      });
      return shown(document).find((span) => span.endsWith("m,true"));
    });
    expect(grown).toEqual(["b2|m,true", "1b|m,true", "1b2|m,true", "b|m,true"]);
  });

  it("are gone when their transaction is rolled back, and refuse a place outside the text or no name", () => {
    const document = openDocument();
    edit(document, 1, 1, (text) => text.insert(0, "abc"));
    const root = bytesToHex(document.root());
    const tx = document.begin(originOf(2, 1));
    const text = tx.field("text", "t");
    text.mark(0, 3, "bold", true);
    expect(text.toSpans()).toHaveLength(1);
    expect(refusalOf(() => text.mark(2, 4, "bold", true))).toBe("TEXT_OUT_OF_RANGE");
    expect(refusalOf(() => text.mark(2, 1, "bold", true))).toBe("TEXT_OUT_OF_RANGE");
    expect(refusalOf(() => text.mark(0, 1, "", true))).toBe("MARK_NAME_INVALID");
    expect(refusalOf(() => text.mark(0, 1, "n".repeat(257), true))).toBe("MARK_NAME_INVALID");
    tx.rollback();
    expect(shown(document)).toEqual(["abc|"]);
    expect(bytesToHex(document.root())).toBe(root);
  });
});

/** The examples of the Peritext paper, section 2.3. */
describe("concurrent marks", () => {
  it("take in text that another inserts inside", () => {
    const document = meet(
      "The fox jumped.",
      (text) => text.mark(0, 15, "bold", true),
      (text) => text.insert(4, "brown "),
    );
    expect(shown(document)).toEqual(["The brown fox jumped.|bold,true"]);
  });

  it("of one name that overlap join", () => {
    const document = meet(
      "The fox jumped.",
      (text) => text.mark(0, 7, "bold", true),
      (text) => text.mark(4, 14, "bold", true),
    );
    expect(shown(document)).toEqual(["The fox jumped|bold,true", ".|"]);
  });

  it("of two names both hold where they overlap", () => {
    const document = meet(
      "The fox jumped.",
      (text) => text.mark(0, 7, "bold", true),
      (text) => text.mark(4, 14, "italic", true),
    );
    expect(shown(document)).toEqual(["The |bold,true", "fox|bold,true;italic,true", " jumped|italic,true", ".|"]);
  });

  it("that contradict each other have one winner over the overlap alone", () => {
    const document = meet(
      "The fox jumped.",
      (text) => text.mark(0, 7, "color", "red"),
      (text) => text.mark(4, 14, "color", "blue"),
    );
    expect(shown(document)).toEqual(["The |color,red", "fox jumped|color,blue", ".|"]);
  });
});

describe("runs of a text", () => {
  it("are deleted and put back by id, also over the edits of others in between", () => {
    const document = openDocument();
    edit(document, 1, 1, (text) => text.insert(0, "one two three"));
    const runs = document.field("text", "t").runs(4, 4);
    edit(document, 2, 1, (text) => text.delete(4, 4));
    edit(document, 3, 2, (text) => text.insert(0, "zero "));
    edit(document, 4, 1, (text) => expect(text.restore(runs, "two ")).toHaveLength(1));
    expect(document.field("text", "t").toString()).toBe("zero one two three");
    edit(document, 5, 1, (text) => text.deleteRuns(text.runs(0, 5)));
    expect(document.field("text", "t").toString()).toBe("one two three");
    expect(refusalOf(() => document.field("text", "t").runs(10, 10))).toBe("TEXT_OUT_OF_RANGE");
  });
});

describe("random histories of a marked text", () => {
  it("show what the marks mean, element by element, on every replica", () => {
    for (let seed = 1; seed <= HISTORIES; seed++) {
      const prng = createPrng(seed);
      const documents = [openDocument(), openDocument(), openDocument()];
      const reference = new ReferenceMarks();
      for (let round = 1; round <= 6; round++) exchange(prng, documents, reference, round);
      const expected = reference.show();
      for (const document of documents) {
        const spans = document.field("text", "t").toSpans();
        const units = spans.flatMap(({ text, marks }) =>
          text.split("").map((unit) => `${unit}|${[...marks].join(";")}`),
        );
        expect(units, `seed ${seed}`).toEqual(expected);
        expect(bytesToHex(document.root())).toBe(bytesToHex(must(documents[0], "a document").root()));
      }
    }
  });
});

/** Each replica edits without the others' edits of this round, and then gets them. */
function exchange(prng: Prng, documents: readonly Document[], reference: ReferenceMarks, round: number): void {
  const deltas = documents.map((document, i) => {
    const tx = document.begin(originOf(round, i + 1));
    for (let edits = prng.below(4); edits > 0; edits--) editAtRandom(prng, tx.field("text", "t"));
    return tx.commit();
  });
  for (const [i, joins] of deltas.entries()) {
    if (joins === undefined) continue;
    const origin = originOf(round, i + 1);
    for (const { type, joins: each } of must(
      decodeJoins(joins, (actor) => actorOf(actor[0] ?? 0)),
      "its own joins",
    )) {
      if (type === "text") reference.applyText(each, origin.actor);
      if (type === "marks") for (const [number, mark] of each.entries()) reference.add({ mark, origin, number });
    }
    for (const [k, document] of documents.entries()) if (k !== i) expect(document.apply(joins, origin).ok).toBe(true);
  }
}

function editAtRandom(prng: Prng, text: TextWriter): void {
  const from = prng.below(text.length + 1);
  const to = from + prng.below(text.length - from + 1);
  const expand = prng.pick(["after", "before", "both", "none"] as const);
  switch (prng.below(5)) {
    case 0:
      text.mark(from, to, prng.pick(NAMES), prng.below(3), { expand });
      break;
    case 1:
      text.unmark(from, to, prng.pick(NAMES), { expand });
      break;
    case 2:
      text.delete(from, Math.min(to - from, 3));
      break;
    default:
      text.insert(from, prng.pick(["a", "bc", "def"]));
  }
}
