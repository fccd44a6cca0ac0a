/**
 * A batch of deltas admitted at once, beside the same one by one: with the pause of 10 ms between them that the guide
 * warns of, and without. Each from its first byte to the flush of the last, onto LMDB.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applicationId, type ContextId } from "@dunlin/core/base";
import { createGenesis, type Replica } from "@dunlin/core/replica";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { createMemoryStore } from "@dunlin/store/memory";
import { clock, crypto, random, signerOf } from "../cluster/ports.ts";
import { open, write } from "../cluster/writer.ts";
import { check } from "../measure.ts";
import { type Measured, type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "batch";
const DELTAS = 100;
const VALUE_BYTES = 1000;
const PAUSE_MS = 10;

interface Written {
  readonly context: ContextId;
  readonly genesis: Uint8Array;
  readonly deltas: readonly Uint8Array[];
}

type Way = (replica: Replica, deltas: readonly Uint8Array[]) => Promise<void>;

export const batch: Suite = {
  name: SUITE,
  about: "100 deltas admitted at once, beside one by one with and without a pause of 10 ms",
  async run({ isQuick }) {
    const turns = isQuick ? 3 : 9;
    const written = await write100();
    const [atOnce, alone, paused]: [number[], number[], number[]] = [[], [], []];
    for (let turn = 0; turn < turns; turn++) {
      atOnce.push(await admittedMs(written, together));
      alone.push(await admittedMs(written, oneByOne(0)));
      paused.push(await admittedMs(written, oneByOne(PAUSE_MS)));
    }
    const reference = { name: "one by one, 10 ms between", value: Math.min(...paused) };
    return [
      row(`${DELTAS} deltas of 1 KB, admitted together`, atOnce, { reference, target: { atMost: 0.05 } }),
      row("the same one by one, each flushed", alone, { reference }),
      row("the same one by one, 10 ms between", paused, { note: "the pauses alone are a second" }),
    ];
  },
};

function row(name: string, samples: readonly number[], more: Partial<Measured>): Row {
  const median = samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? Number.NaN;
  const value = Math.min(...samples);
  return toRow({ suite: SUITE, name, value, median, unit: "ms", samples, samplesAsked: samples.length, ...more });
}

async function write100(): Promise<Written> {
  const { context, bytes } = createGenesis(
    { crypto, random },
    signerOf(0),
    applicationId(new Uint8Array(32)),
    clock.now(),
  );
  const author = await open(createMemoryStore(), context, "author");
  author.admit(bytes);
  await author.settled();
  const before = author.vector();
  for (let number = 0; number < DELTAS; number++) await write(author, number, VALUE_BYTES);
  const { deltas } = author.missingFrom(before, Number.MAX_SAFE_INTEGER);
  await author.close();
  return { context, genesis: bytes, deltas };
}

async function admittedMs({ context, genesis, deltas }: Written, way: Way): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-batch-"));
  try {
    await using store = await openLmdbStore({ path: folder });
    const replica = await open(store, context, folder);
    replica.admit(genesis);
    await replica.settled();
    const begun = performance.now();
    await way(replica, deltas);
    const tookMs = performance.now() - begun;
    check(replica.flushed.count === DELTAS + 1, "all deltas are in the store");
    await replica.close();
    return tookMs;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function together(replica: Replica, deltas: readonly Uint8Array[]): Promise<void> {
  replica.admitMany(deltas);
  await replica.settled();
}

function oneByOne(pauseMs: number): Way {
  return async (replica, deltas) => {
    for (const bytes of deltas) {
      replica.admit(bytes);
      await replica.settled();
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
}
