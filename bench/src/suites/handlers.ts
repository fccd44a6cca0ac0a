/**
 * Handlers of events: two nodes with their sandboxes over loopback libp2p. Calls of one tell an event each, whose handler
 * the other runs, durably and once. How long a run takes from its start to its flush, by the node's own histogram, and
 * how many it sustains.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openService, type Service } from "../open-bench-node.ts";
import { must, share } from "../ping.ts";
import { toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "handlers";
/** The least of the guide's 5 to 50 ms. */
const RUN_MS_MAX = 5;
const EVENTS_PER_SECOND_MIN = 100;
const ALONE = 50;
const CALLERS = 16;
const POLL_MS = 5;

interface Shared {
  readonly author: Service;
  readonly reader: Service;
  readonly contextId: string;
}

export const handlers: Suite = {
  name: SUITE,
  about: "handlers of events on another node: one run, and how many a second",
  async run({ isQuick }) {
    const folder = mkdtempSync(join(tmpdir(), "dunlin-handlers-"));
    try {
      await using author = await openService(join(folder, "author"));
      await using reader = await openService(join(folder, "reader"));
      const shared = { author, reader, contextId: await share(author, reader) };
      for (let event = 0; event < ALONE; event++) await tell(shared, 1, 1);
      const { p50, p99 } = await runOf(reader);
      const events = isQuick ? 500 : 5000;
      const begun = performance.now();
      await tell(shared, events, CALLERS);
      const perSecond = (events * 1000) / (performance.now() - begun);
      const note = "the guide has 5 to 50 ms, about 10 a handler";
      const name = "a handler's run, one event after another";
      return [
        toRow({
          suite: SUITE,
          name: `${name}, p50`,
          value: p50,
          unit: "ms",
          target: { valueAtMost: RUN_MS_MAX },
          note,
        }),
        toRow({ suite: SUITE, name: `${name}, p99`, value: p99, unit: "ms", note }),
        toRow({
          suite: SUITE,
          name: `events handled, ${CALLERS} callers, from the first call to the last effect`,
          value: perSecond,
          unit: "per s",
          target: { valueAtLeast: EVENTS_PER_SECOND_MIN },
          note: "each handled once, which is checked; the guide's 10 ms a handler make 100",
        }),
      ];
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** Tells so many events, and resolves when the other node has handled each of them. */
async function tell({ author, reader, contextId }: Shared, events: number, callers: number): Promise<void> {
  const wanted = (await handled(reader, contextId)) + events;
  let told = 0;
  const caller = async (): Promise<void> => {
    while (told < events) {
      const key = `key-${told++ % 256}`;
      must(await author.execute({ contextId, method: "ping", args: { key, value: "x".repeat(100) } }));
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  for (let count = 0; count < wanted; count = await handled(reader, contextId)) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    if (count > wanted) throw new Error(`${count} runs of ${wanted} events`);
  }
}

async function handled(reader: Service, contextId: string): Promise<number> {
  return Number(must(await reader.execute({ contextId, method: "handled", args: {} })).output);
}

async function runOf(reader: Service): Promise<{ readonly p50: number; readonly p99: number }> {
  const metric = (await reader.metrics()).find(({ name }) => name === "node.event_handler_duration");
  const [series] = metric?.series ?? [];
  if (series === undefined || !("p50" in series)) throw new Error("no handler has run");
  return series;
}
