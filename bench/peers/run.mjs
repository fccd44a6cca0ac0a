/**
 * The same work in each library, wire included: milliseconds, the best of the runs after one to warm up, with the median
 * and the ratio to the first library, and bytes where something is saved. Every run's result is checked to be what was
 * written, on every replica. A time is the clock's or the processor's, whichever says less: nothing here waits.
 */
import { mapWorks } from "./map-works.mjs";
import { textWorks } from "./text-works.mjs";

/** Of one library at one work: after it no further run is begun. */
const BUDGET_MS = 15_000;

const isQuick = process.argv.includes("--quick");

for (const { name, subjects, runs, prepare } of [...mapWorks(isQuick), ...textWorks(isQuick)]) {
  let base;
  for (const subject of subjects) {
    const timing = measure(subject, prepare, runs);
    if (timing === undefined) continue;
    base ??= timing.best;
    const columns = [
      `${timing.best.toFixed(2)} ms`,
      `${timing.median.toFixed(2)} ms`,
      `${(timing.best / base).toFixed(1)}x`,
      timing.size === undefined ? "" : `${timing.size} bytes`,
      timing.taken < runs ? `${timing.taken} of ${runs} runs` : "",
    ];
    const line = [name.padEnd(48), subject.name.padEnd(24), ...columns.map((column) => column.padStart(12))];
    console.log(line.join(" ").trimEnd());
  }
}

/** `prepare` is untimed, gives what is timed, and checks what came of it. A first run that uses up the time counts. */
function measure(subject, prepare, runs) {
  const times = [];
  let size;
  const started = performance.now();
  for (let run = 0; run <= runs; run++) {
    const work = prepare(subject);
    if (work === undefined) return undefined;
    const [began, spent] = [performance.now(), process.cpuUsage()];
    const result = work.run();
    const { user, system } = process.cpuUsage(spent);
    const took = Math.min(performance.now() - began, (user + system) / 1000);
    work.check(result);
    size = work.size?.(result);
    const isOver = performance.now() - started > BUDGET_MS;
    if (run > 0 || isOver) times.push(took);
    if (isOver) break;
  }
  times.sort((a, b) => a - b);
  return { best: times[0], median: times[times.length >> 1], size, taken: times.length };
}
