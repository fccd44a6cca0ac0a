/**
 * What a node adds to a call: a lone durable call of it, less the guest's run in the sandbox and less the same write
 * by a replica alone, which is the DAG, its sealing and signature, and the flush. What is left are the ways between the
 * threads, the dispatch and the checks. The guide has 1 to 5 ms for it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applicationId, type Log } from "@dunlin/core/base";
import { createGenesis } from "@dunlin/core/replica";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { clock, crypto, random, signerOf } from "../cluster/ports.ts";
import { open, write } from "../cluster/writer.ts";
import { type Load, runLoad } from "../load.ts";
import { type BenchNode, openBenchNode } from "../open-bench-node.ts";
import { type Measured, type Row, toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "overhead";
const VALUE_BYTES = 100;
/** The least of the guide's 1 to 5 ms. */
const OVERHEAD_MS_MAX = 1;
const TURNS = 3;

export const overhead: Suite = {
  name: SUITE,
  about: "what a node adds to a call, beyond the guest's run and the DAG with its flush",
  async run({ isQuick }) {
    const load: Load = { callers: 1, durationMs: isQuick ? 700 : 2000, warmUpMs: isQuick ? 500 : 1000 };
    const guestMs: number[] = [];
    const log: Log = {
      log: (_level, event, fields) => {
        if (event === "application.profile") guestMs.push(Number(fields?.["ms"]));
      },
    };
    await using node = await openBenchNode({ profile: true, log });
    const [callsMs, replicasMs]: [number[], number[]] = [[], []];
    for (let turn = 0; turn < TURNS; turn++) {
      callsMs.push(await callMs(node, load));
      replicasMs.push(await replicaMs(load));
    }
    const [call, replica] = [Math.min(...callsMs), Math.min(...replicasMs)];
    const guest = guestMs.toSorted((a, b) => a - b)[guestMs.length >> 1] ?? Number.NaN;
    return [
      row("a lone call of a node, p50", call),
      row("the same write by a replica alone, p50: DAG and flush", replica),
      row("the guest's run in the sandbox, p50", guest),
      row("what the node adds", call - replica - guest, {
        target: { valueAtMost: OVERHEAD_MS_MAX },
        note: "the guide has 1 to 5 ms",
      }),
    ];
  },
};

function row(name: string, value: number, more: Partial<Measured> = {}): Row {
  return toRow({ suite: SUITE, name, value, unit: "ms", ...more });
}

async function callMs({ service, contextId }: BenchNode, load: Load): Promise<number> {
  const args = { key: "key", value: "x".repeat(VALUE_BYTES) };
  const called = await runLoad(load, async () => {
    const done = await service.execute({ contextId, method: "put", args });
    if (!done.ok) throw new Error(done.error.message);
  });
  return called.p50Ms;
}

async function replicaMs(load: Load): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-overhead-"));
  try {
    await using store = await openLmdbStore({ path: folder });
    const application = applicationId(new Uint8Array(32));
    const sealed = { isSealed: true };
    const genesis = createGenesis({ crypto, random }, signerOf(0), application, clock.now(), sealed);
    const replica = await open(store, genesis.context, folder);
    replica.admit(genesis.bytes);
    await replica.settled();
    const { p50Ms } = await runLoad(load, (_, index) => write(replica, index, VALUE_BYTES, 1));
    await replica.close();
    return p50Ms;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
