/**
 * A store with one context of many deltas, left by a process that ends without closing it; and its opening by another.
 * `input` is `FOLDER,DELTAS`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { applicationId, contextId, idToText, must, textToId } from "@dunlin/core/base";
import { createGenesis, type Replica } from "@dunlin/core/replica";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { createMemoryStore } from "@dunlin/store/memory";
import { clock, crypto, random, signerOf } from "../cluster/ports.ts";
import { open, write } from "../cluster/writer.ts";
import type { Figures } from "../isolated.ts";
import { check } from "../measure.ts";

const KEYS = 10_000;
const VALUE_BYTES = 100;
const PAGE = 1000;

/** Written in memory first, since a call that waits for the device takes a hundred times as long. */
export async function fillStore(_runs: number, input: string): Promise<Figures> {
  const [folder = "", count = ""] = input.split(",");
  const genesis = createGenesis({ crypto, random }, signerOf(0), applicationId(new Uint8Array(32)), clock.now());
  const written = await open(createMemoryStore(), genesis.context, "memory");
  written.admit(genesis.bytes);
  const kept = await open(await openLmdbStore({ path: folder }), genesis.context, folder);
  for (let number = 1; number < Number(count); number++) {
    await write(written, number, VALUE_BYTES, KEYS);
    if (number % PAGE === 0) await take(kept, written);
  }
  await take(kept, written);
  check(kept.flushed.count === Number(count), "all deltas are in the store");
  writeFileSync(join(folder, "context"), idToText(genesis.context));
  return {};
}

/** Milliseconds since the process began until the context takes calls. */
export async function reopen(_runs: number, input: string): Promise<Figures> {
  const [folder = "", count = ""] = input.split(",");
  const id = contextId(must(textToId(readFileSync(join(folder, "context"), "utf8")), "an id"));
  const store = await openLmdbStore({ path: folder });
  const begun = performance.now();
  const replica = await open(store, id, folder);
  const openedMs = performance.now() - begun;
  await write(replica, 0, VALUE_BYTES);
  const readyMs = performance.now();
  const { user, system } = process.cpuUsage();
  check(replica.flushed.count === Number(count) + 1, "the context is whole");
  return { readyMs: [readyMs], openedMs: [openedMs], cpuMs: [(user + system) / 1000] };
}

async function take(kept: Replica, written: Replica): Promise<void> {
  kept.admitMany(written.missingFrom(kept.vector(), Number.MAX_SAFE_INTEGER).deltas);
  await kept.settled();
}
