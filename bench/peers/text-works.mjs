/** Works on one text: a recorded history, the long one when it is there. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { readTrace } from "../dist/trace.js";
import { sizeOf } from "./size-of.mjs";
import { TEXT_SUBJECTS } from "./text-subjects.mjs";

/** Edits for works with a change each, and those before them. */
const EACH = 2000;

export function textWorks(isQuick) {
  const { positions, deleted, inserted, end } = readTrace(historyPath(isQuick));
  const edits = inserted.map((content, i) => [positions[i], deleted[i], content]);
  const text = { subjects: TEXT_SUBJECTS, runs: isQuick ? 1 : 8 };
  const all = `text, ${edits.length} edits`;
  const some = `text, ${Math.min(EACH, edits.length)} edits, a change each`;
  return [
    { ...text, name: `${all}, one change, to bytes`, prepare: (subject) => editOnce(subject, edits, end) },
    { ...text, name: `${all}, one change, applied`, prepare: (subject) => applyOnce(subject, edits, end) },
    { ...text, name: `${some}, to bytes`, prepare: (subject) => editEach(subject, edits) },
    { ...text, name: `${some}, applied`, prepare: (subject) => applyEach(subject, edits) },
    { ...text, name: `${all}, saved`, prepare: (subject) => save(subject, edits, end) },
    { ...text, name: `${all}, loaded and read`, prepare: (subject) => load(subject, edits, end) },
  ];
}

function historyPath(isQuick) {
  const long = join(process.env.DUNLIN_TRACES ?? "", "automerge-paper.json.gz");
  if (!isQuick && existsSync(long)) return long;
  return join(import.meta.dirname, "..", "..", "fixtures", "traces", "letter.json.gz");
}

function editOnce({ create, edit, read }, edits, end) {
  const doc = create();
  return { run: () => edit(doc, edits), check: () => expectText(read(doc), end) };
}

function applyOnce({ create, edit, apply, read }, edits, end) {
  const change = edit(create(), edits);
  const doc = create();
  return { run: () => apply(doc, change), check: () => expectText(read(doc), end) };
}

/** Each edit makes a change of its own; what it comes to is what the same edits as one change come to. */
function editEach({ create, edit, read }, edits) {
  const [doc, other] = [create(), create()];
  const some = edits.slice(0, EACH);
  edit(other, some);
  const run = () => some.map((one) => edit(doc, [one]));
  return { run, check: () => expectText(read(doc), read(other)) };
}

function applyEach({ create, edit, apply, read }, edits) {
  const [doc, other] = [create(), create()];
  const changes = edits.slice(0, EACH).map((one) => edit(other, [one]));
  const run = () => {
    for (const change of changes) apply(doc, change);
  };
  return { run, check: () => expectText(read(doc), read(other)) };
}

function save({ create, edit, save, load, read }, edits, end) {
  const doc = create();
  edit(doc, edits);
  return { run: () => save(doc), check: (saved) => expectText(read(load(saved)), end), size: sizeOf };
}

function load({ create, edit, save, load, read }, edits, end) {
  const doc = create();
  edit(doc, edits);
  const saved = save(doc);
  return { run: () => read(load(saved)), check: (found) => expectText(found, end) };
}

function expectText(found, expected) {
  if (found !== expected) throw new Error("the text is not what was written");
}
