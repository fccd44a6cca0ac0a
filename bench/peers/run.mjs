/**
 * The same map work in each library, wire included, beside a plain `Map` with JSON: milliseconds, the best of the runs
 * after one to warm up, with the median. Every run's result is checked to be what was written, on every replica.
 */
import { deepStrictEqual } from "node:assert";
import { SUBJECTS } from "./subjects.mjs";

const IS_QUICK = process.argv.includes("--quick");
const COUNT = IS_QUICK ? 1000 : 10_000;
/** One change each is quadratic in one of the libraries. */
const EACH = IS_QUICK ? 200 : 1000;
const RUNS = IS_QUICK ? 2 : 5;

/** Each prepares untimed, gives what is timed, and checks what came of it. */
const WORKS = [
  { name: `set x${COUNT}, one change, to bytes`, prepare: setOnce },
  { name: `set x${COUNT}, one change, applied`, prepare: applyOnce },
  { name: `set x${EACH}, a change each, to bytes`, prepare: setEach },
  { name: `set x${EACH}, a change each, applied`, prepare: applyEach },
  { name: `merge x${COUNT} conflicting, both ways`, prepare: mergeConflicting },
  { name: `state of ${COUNT} saved`, prepare: saveState },
  { name: `state of ${COUNT} loaded and read`, prepare: loadState },
];

for (const { name, prepare } of WORKS) {
  let base;
  for (const subject of SUBJECTS) {
    const timing = measure(subject, prepare);
    if (timing === undefined) continue;
    base ??= timing.best;
    const columns = [
      `${timing.best.toFixed(2)} ms`,
      `${timing.median.toFixed(2)} ms`,
      `${(timing.best / base).toFixed(1)}x`,
    ];
    console.log(name.padEnd(40), subject.name.padEnd(14), ...columns.map((column) => column.padStart(12)));
  }
}
for (const { name, save, create, write } of SUBJECTS) {
  if (!save) continue;
  const doc = create();
  write(doc, entriesOf(COUNT, "value"));
  console.log(`state of ${COUNT}, bytes`.padEnd(40), name.padEnd(14), `${save(doc).length}`.padStart(12));
}

function measure(subject, prepare) {
  const times = [];
  for (let run = 0; run <= RUNS; run++) {
    const work = prepare(subject);
    if (work === undefined) return undefined;
    const started = performance.now();
    const result = work.run();
    const took = performance.now() - started;
    work.check(result);
    if (run > 0) times.push(took);
  }
  times.sort((a, b) => a - b);
  return { best: times[0], median: times[times.length >> 1] };
}

function setOnce({ create, write, read }) {
  const doc = create();
  const entries = entriesOf(COUNT, "value");
  return { run: () => write(doc, entries), check: () => expectEntries(read(doc), entries) };
}

function applyOnce({ create, write, apply, read }) {
  const entries = entriesOf(COUNT, "value");
  const change = write(create(), entries);
  const doc = create();
  return { run: () => apply(doc, change), check: () => expectEntries(read(doc), entries) };
}

function setEach({ create, write, read }) {
  const doc = create();
  const entries = entriesOf(EACH, "value");
  return { run: () => entries.map((entry) => write(doc, [entry])), check: () => expectEntries(read(doc), entries) };
}

function applyEach({ create, write, apply, read }) {
  const entries = entriesOf(EACH, "value");
  const writer = create();
  const changes = entries.map((entry) => write(writer, [entry]));
  const doc = create();
  const run = () => {
    for (const change of changes) apply(doc, change);
  };
  return { run, check: () => expectEntries(read(doc), entries) };
}

/** Without a rule for conflicts, as in a plain map, there is nothing to agree on. */
function mergeConflicting({ name, create, write, apply, read }) {
  if (name === SUBJECTS[0].name) return undefined;
  const [left, right] = [create(), create()];
  const fromLeft = write(left, entriesOf(COUNT, "left"));
  const fromRight = write(right, entriesOf(COUNT, "right"));
  const run = () => {
    apply(left, fromRight);
    apply(right, fromLeft);
  };
  const check = () => {
    const merged = read(left);
    deepStrictEqual(sorted(merged), sorted(read(right)));
    if (Object.keys(merged).length !== COUNT) throw new Error("entries are missing");
  };
  return { run, check };
}

function saveState({ create, write, save, load, read }) {
  if (!save) return undefined;
  const doc = create();
  const entries = entriesOf(COUNT, "value");
  write(doc, entries);
  return { run: () => save(doc), check: (bytes) => expectEntries(read(load(bytes)), entries) };
}

function loadState({ create, write, save, load, read }) {
  if (!save) return undefined;
  const doc = create();
  const entries = entriesOf(COUNT, "value");
  write(doc, entries);
  const bytes = save(doc);
  return { run: () => read(load(bytes)), check: (result) => expectEntries(result, entries) };
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
