/** Map work in other libraries, beside a plain `Map`: milliseconds, the median of five runs after one to warm up. */
import { Model } from "json-joy/lib/json-crdt/index.js";
import * as Y from "yjs";

const COUNT = process.argv.includes("--quick") ? 1000 : 10_000;
const RUNS = 5;

const works = [
  [
    "set, one transaction",
    {
      Map: () => fill(new Map()),
      yjs: () => {
        const doc = new Y.Doc();
        doc.transact(() => fill(doc.getMap("m")));
        return doc;
      },
      "json-joy": () => {
        const model = joyModel();
        model.api.obj([]).set(Object.fromEntries(pairs()));
        return model.api.flush();
      },
    },
  ],
  [
    "set, one update each, as bytes",
    {
      Map: () => pairs().map(([key, value]) => JSON.stringify([key, value])),
      yjs: () => {
        const doc = new Y.Doc();
        const updates = [];
        doc.on("update", (update) => updates.push(update));
        fill(doc.getMap("m"));
        return updates;
      },
      "json-joy": () => {
        const model = joyModel();
        model.api.flush();
        return pairs().map(([key, value]) => {
          model.api.obj([]).set({ [key]: value });
          return model.api.flush().toBinary();
        });
      },
    },
  ],
];

for (const [name, subjects] of works) {
  const times = Object.entries(subjects).map(([subject, work]) => [subject, medianMs(work)]);
  const [, base] = times[0];
  for (const [subject, ms] of times) {
    console.log(
      `${name} x${COUNT}`.padEnd(40),
      subject.padEnd(10),
      `${ms.toFixed(2)} ms`.padStart(12),
      `${(ms / base).toFixed(1)}x Map`.padStart(10),
    );
  }
}

function pairs() {
  return Array.from({ length: COUNT }, (_, i) => [`key-${i}`, `value-${i}`]);
}

function fill(map) {
  for (const [key, value] of pairs()) map.set(key, value);
  return map;
}

function joyModel() {
  const model = Model.create();
  model.api.set({});
  return model;
}

function medianMs(work) {
  const times = [];
  for (let run = 0; run <= RUNS; run++) {
    const started = performance.now();
    globalThis.kept = work();
    if (run > 0) times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}
