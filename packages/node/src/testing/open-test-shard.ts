/** A shard in this thread on a folder of its own, for tests of what it answers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LimitsConfig, SYNC_PRESETS } from "@dunlin/api";
import { type Log, type Result, silentLog } from "@dunlin/core/base";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { Home } from "../home.ts";
import type { FromShard, ShardMethod, ShardRequests } from "../messages.ts";
import { Shard } from "../shard/shard.ts";
import type { ShardOptions } from "../shard/shard-options.ts";

export interface TestShard extends AsyncDisposable {
  readonly home: Home;
  ask<M extends ShardMethod>(method: M, request: ShardRequests[M]["takes"]): Promise<Result<ShardRequests[M]["gives"]>>;
  /** The answer of a request that must succeed. */
  get<M extends ShardMethod>(method: M, request: ShardRequests[M]["takes"]): Promise<ShardRequests[M]["gives"]>;
  /** Closes it and opens another on the same folder. */
  restart(): Promise<void>;
}

export interface TestShardOptions {
  readonly limits?: Partial<LimitsConfig>;
  readonly log?: Log;
  readonly more?: Partial<ShardOptions>;
}

export async function openTestShard(options: TestShardOptions = {}): Promise<TestShard> {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-shard-"));
  const home = new Home(join(folder, "home"));
  let open = await start(home, options);
  const ask: TestShard["ask"] = (method, request) => open(method, request) as ReturnType<TestShard["ask"]> as never;
  return {
    home,
    ask,
    async get(method, request) {
      const result = await ask(method, request);
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      return result.value;
    },
    async restart() {
      await ask("close", null);
      open = await start(home, options);
    },
    async [Symbol.asyncDispose]() {
      await ask("close", null);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type Ask = (method: ShardMethod, request: unknown) => Promise<Result<unknown>>;

async function start(home: Home, { limits, log = silentLog, more }: TestShardOptions): Promise<Ask> {
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  const put = (message: FromShard): void => {
    if (message.kind === "reply") waiting.get(message.id)?.(message.result);
  };
  const shard = await Shard.open({
    home,
    store: await openLmdbStore({ path: home.store }),
    self: "12D3KooWself",
    addresses: [],
    limits: { callTimeMs: 60_000, callFuel: 300_000_000, ...limits },
    profile: false,
    recordingBytesMax: 0,
    contextIdleMs: 3_600_000,
    sync: { ...SYNC_PRESETS.medium, contexts: {} },
    log,
    put,
    watch: (_, run) => run(),
    ...more,
  });
  let asked = 0;
  return (method, request) =>
    new Promise((resolve) => {
      const id = ++asked;
      waiting.set(id, resolve);
      shard.receive({ kind: "request", id, method, request });
    });
}
