/** Joins ascending runs into one, item by item: whoever stops early has paid for what was taken, and for no sort. */
import { must } from "../base/index.ts";

/** A run from its place `at` on, which moves as items are taken. */
export interface Run {
  readonly items: readonly number[];
  at: number;
}

/** Items of all runs in ascending order. A binary heap of runs, by their next item. */
export function* mergeAscending(runs: Iterable<Run>): Generator<number> {
  const heap = [...runs].filter((run) => run.at < run.items.length);
  for (let i = (heap.length >> 1) - 1; i >= 0; i--) sink(heap, i);
  while (heap.length > 0) {
    const run = must(heap[0], "not empty");
    yield nextOf(run);
    run.at++;
    if (run.at === run.items.length) {
      const last = must(heap.pop(), "not empty");
      if (heap.length === 0) return;
      heap[0] = last;
    }
    sink(heap, 0);
  }
}

function nextOf(run: Run): number {
  return must(run.items[run.at], "within the run");
}

function sink(heap: Run[], from: number): void {
  const moved = must(heap[from], "within the heap");
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    const [left, right] = [must(heap[child], "within the heap"), heap[child + 1]];
    if (right && nextOf(right) < nextOf(left)) child++;
    const lesser = must(heap[child], "within the heap");
    if (nextOf(lesser) >= nextOf(moved)) break;
    heap[at] = lesser;
    at = child;
  }
  heap[at] = moved;
}
