/** Contexts of a shard that are opened when somebody needs them, and closed when nobody does. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ContextEvent, type ContextInfo, SYNC_PRESETS } from "@dunlin/api";
import { must, type Result, silentLog, textToId } from "@dunlin/core/base";
import type { MetricSnapshot } from "@dunlin/core/metrics";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Home } from "../home.ts";
import { installApplication } from "../install.ts";
import type { FromShard, ShardMethod, ShardRequests, ShardStatus } from "../messages.ts";
import { Shard } from "./shard.ts";

const APPLICATION = join(import.meta.dirname, "..", "..", "..", "..", "examples", "notes", "app.ts");

/** A shard in this thread, and what it says. */
interface OpenShard {
  readonly events: readonly ContextEvent[];
  ask<M extends ShardMethod>(method: M, request: ShardRequests[M]["takes"]): Promise<Result<ShardRequests[M]["gives"]>>;
  open(): Promise<number>;
}

let folder: string;
let home: Home;
let applicationId: string;
let shard: OpenShard;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dunlin-contexts-"));
  home = new Home(join(folder, "home"));
  const installed = await installApplication(home, APPLICATION);
  if (!installed.ok) throw new Error(installed.error.message);
  applicationId = installed.value.applicationId;
  shard = await start();
});
afterEach(async () => {
  await shard.ask("close", null);
  rmSync(folder, { recursive: true, force: true });
});

async function start(contextIdleMs = 3_600_000): Promise<OpenShard> {
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  const events: ContextEvent[] = [];
  let asked = 0;
  const put = (message: FromShard): void => {
    if (message.kind === "reply") waiting.get(message.id)?.(message.result);
    if (message.kind === "event") events.push(message.event);
  };
  const running = await Shard.open({
    home,
    store: await openLmdbStore({ path: home.store }),
    self: "12D3KooWself",
    addresses: [],
    limits: { callTimeMs: 10_000, callFuel: 1e9 },
    profile: false,
    recordingBytesMax: 0,
    contextIdleMs,
    sync: { ...SYNC_PRESETS.medium, contexts: {} },
    log: silentLog,
    put,
    watch: (_, run) => run(),
  });
  const ask: OpenShard["ask"] = (method, request) =>
    new Promise((resolve) => {
      const id = ++asked;
      waiting.set(id, resolve as (result: Result<unknown>) => void);
      running.receive({ kind: "request", id, method, request });
    });
  const open = async (): Promise<number> => {
    const metrics = value<readonly MetricSnapshot[]>(await ask("metrics", null));
    const gauge = metrics.find(({ name }) => name === "node.contexts_open");
    const [series] = must(gauge, "a gauge").series;
    return series && "value" in series ? series.value : Number.NaN;
  };
  return { events, ask, open };
}

function value<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

async function restart(contextIdleMs?: number): Promise<void> {
  await shard.ask("close", null);
  shard = await start(contextIdleMs);
}

const create = async (): Promise<string> => value(await shard.ask("createContext", { applicationId })).contextId;
const put = async (contextId: string, key: string): Promise<unknown> =>
  value(await shard.ask("execute", { contextId, method: "put", args: { key, value: key } }));
const settings = async (contextId: string): Promise<unknown> =>
  value(await shard.ask("execute", { contextId, method: "settings", args: {} })).output;
const info = async (contextId: string): Promise<ContextInfo> => value(await shard.ask("context", { contextId }));
const statuses = async (): Promise<ShardStatus["contexts"]> => value(await shard.ask("status", null)).contexts;

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

it("opens none at the start, tells of all, and opens the one that is called", async () => {
  const ids = [await create(), await create(), await create()];
  for (const id of ids) await put(id, "a");
  const before = await Promise.all(ids.map(info));
  const told = await statuses();
  await restart();
  expect(await shard.open()).toBe(0);
  const byId = (a: { readonly contextId: string }, b: { readonly contextId: string }): number =>
    a.contextId < b.contextId ? -1 : 1;
  expect([...(await statuses())].sort(byId)).toEqual([...told].sort(byId));
  expect(await settings(must(ids[1], "three"))).toEqual({ a: "a" });
  expect(await shard.open()).toBe(1);
  // A list looks at each, and leaves them as they were.
  const listed = value(await shard.ask("contexts", null));
  expect(new Map(listed.map((one) => [one.id, one]))).toEqual(new Map(before.map((one) => [one.id, one])));
  await until(async () => (await shard.open()) === 1);
});

it("lets a context rest that nobody needs, and takes it up where it was", async () => {
  const id = await create();
  await put(id, "a");
  await restart(0);
  await put(id, "b");
  const before = await info(id);
  await until(async () => (await shard.open()) === 0);
  expect(await info(id)).toEqual(before);
  expect(await shard.open()).toBe(0);
  await Promise.all([put(id, "c"), put(id, "d"), settings(id)]);
  expect(await settings(id)).toEqual({ a: "a", b: "b", c: "c", d: "d" });
  // Subscribers see no gap in the numbers of its events, nor a number twice.
  const sequences = shard.events.filter(({ contextId }) => contextId === id).map(({ sequence }) => sequence);
  expect(sequences.length).toBeGreaterThan(1);
  expect(sequences).toEqual(sequences.map((_, at) => at + 1));
});

it("keeps answering while contexts come and go under calls", async () => {
  const ids = [await create(), await create()];
  await restart(0);
  for (let round = 0; round < 12; round++) {
    const calls = ids.flatMap((id) => [put(id, `${round}`), info(id), shard.ask("contexts", null)]);
    await Promise.all(calls);
    if (round % 4 === 3) await until(async () => (await shard.open()) === 0);
  }
  for (const id of ids) expect(Object.keys((await settings(id)) as object)).toHaveLength(12);
});

it("answers for a damaged context with what is wrong, and for the others as always", async () => {
  const [sound, damaged] = [await create(), await create()];
  for (const id of [sound, damaged]) await put(id, "a");
  await shard.ask("close", null);
  const file = join(home.store, "data.mdb");
  const bytes = readFileSync(file);
  const key = Buffer.concat([must(textToId(damaged), "an id"), Buffer.from("m")]);
  // In every copy of the page that holds the row: the newest is the one that counts.
  for (let at = bytes.indexOf(key); at >= 0; at = bytes.indexOf(key, at + 1)) {
    bytes[at + key.length + 9] = must(bytes[at + key.length + 9], "a byte") ^ 1;
  }
  writeFileSync(file, bytes);
  shard = await start();
  expect(await settings(sound)).toEqual({ a: "a" });
  const asked = await shard.ask("execute", { contextId: damaged, method: "settings", args: {} });
  expect(asked).toMatchObject({ error: { code: "CONTEXT_DAMAGED" } });
  expect(await statuses()).toHaveLength(1);
  const none = await shard.ask("context", { contextId: applicationId });
  expect(none).toMatchObject({ error: { code: "CONTEXT_NOT_FOUND" } });
});
