/** Works on one map of texts. */
import { deepStrictEqual } from "node:assert";
import { sizeOf } from "./size-of.mjs";
import { SUBJECTS } from "./subjects.mjs";

export function mapWorks(isQuick) {
  const count = isQuick ? 1000 : 10_000;
  // One change each is quadratic in one of the libraries.
  const each = isQuick ? 200 : 1000;
  const map = { subjects: SUBJECTS, runs: isQuick ? 2 : 5 };
  return [
    { ...map, name: `set x${count}, one change, to bytes`, prepare: (subject) => setOnce(subject, count) },
    { ...map, name: `set x${count}, one change, applied`, prepare: (subject) => applyOnce(subject, count) },
    { ...map, name: `set x${each}, a change each, to bytes`, prepare: (subject) => setEach(subject, each) },
    { ...map, name: `set x${each}, a change each, applied`, prepare: (subject) => applyEach(subject, each) },
    { ...map, name: `merge x${count} conflicting, both ways`, prepare: (subject) => mergeConflicting(subject, count) },
    { ...map, name: `state of ${count} saved`, prepare: (subject) => saveState(subject, count) },
    { ...map, name: `state of ${count} loaded and read`, prepare: (subject) => loadState(subject, count) },
  ];
}

function setOnce({ create, write, read }, count) {
  const doc = create();
  const entries = entriesOf(count, "value");
  return { run: () => write(doc, entries), check: () => expectEntries(read(doc), entries) };
}

function applyOnce({ create, write, apply, read }, count) {
  const entries = entriesOf(count, "value");
  const change = write(create(), entries);
  const doc = create();
  return { run: () => apply(doc, change), check: () => expectEntries(read(doc), entries) };
}

function setEach({ create, write, read }, count) {
  const doc = create();
  const entries = entriesOf(count, "value");
  return { run: () => entries.map((entry) => write(doc, [entry])), check: () => expectEntries(read(doc), entries) };
}

function applyEach({ create, write, apply, read }, count) {
  const entries = entriesOf(count, "value");
  const writer = create();
  const changes = entries.map((entry) => write(writer, [entry]));
  const doc = create();
  const run = () => {
    for (const change of changes) apply(doc, change);
  };
  return { run, check: () => expectEntries(read(doc), entries) };
}

/** Without a rule for conflicts, as in a plain map, there is nothing to agree on. */
function mergeConflicting({ name, create, write, apply, read }, count) {
  if (name === SUBJECTS[0].name) return undefined;
  const [left, right] = [create(), create()];
  const fromLeft = write(left, entriesOf(count, "left"));
  const fromRight = write(right, entriesOf(count, "right"));
  const run = () => {
    apply(left, fromRight);
    apply(right, fromLeft);
  };
  const check = () => {
    const merged = read(left);
    deepStrictEqual(sorted(merged), sorted(read(right)));
    if (Object.keys(merged).length !== count) throw new Error("entries are missing");
  };
  return { run, check };
}

function saveState({ create, write, save, load, read }, count) {
  const doc = create();
  const entries = entriesOf(count, "value");
  write(doc, entries);
  return { run: () => save(doc), check: (saved) => expectEntries(read(load(saved)), entries), size: sizeOf };
}

function loadState({ create, write, save, load, read }, count) {
  const doc = create();
  const entries = entriesOf(count, "value");
  write(doc, entries);
  const saved = save(doc);
  return { run: () => read(load(saved)), check: (result) => expectEntries(result, entries) };
}

function entriesOf(count, prefix) {
  return Array.from({ length: count }, (_, i) => [`key-${i}`, `${prefix}-${i}`]);
}

function expectEntries(found, entries) {
  deepStrictEqual(sorted(found), sorted(Object.fromEntries(entries)));
}

function sorted(object) {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
}
