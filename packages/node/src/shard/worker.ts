/** The entry of a shard's worker: messages in and out, and nothing else. */
import { once } from "node:events";
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { assert, type Log } from "@dunlin/core/base";
import { openLmdbStore } from "@dunlin/store/lmdb";
import { Home } from "../home.ts";
import { CONTEXT_IDLE_MS, TURN_MS } from "../limits.ts";
import {
  type FromShard,
  monotonicMs,
  type ShardData,
  type ToShard,
  WATCH_BEGUN,
  WATCH_RUNNING,
  WATCH_SINCE_MS,
} from "../messages.ts";
import { MessageOutbox } from "../outbox.ts";
import { Shard } from "./shard.ts";

const port = parentPort;
assert(port, "a shard runs in a worker");
const begin = workerData as MessagePort;
const [data] = (await once(begin, "message")) as [ShardData];
begin.close();
const outbox = new MessageOutbox<FromShard>((messages) => port.postMessage(messages));
const log: Log = { log: (level, event, fields) => outbox.put({ kind: "log", level, event, fields }) };
const watched = new Float64Array(data.watch);

const home = new Home(data.home);
const store = await openLmdbStore({ path: home.store, takeOverOwn: data.restarted });
const shard = await Shard.open({
  home,
  store,
  self: data.self,
  addresses: data.addresses,
  limits: data.limits,
  recordingBytesMax: data.recordingBytesMax,
  contextIdleMs: CONTEXT_IDLE_MS,
  profile: data.profile,
  sync: data.sync,
  log,
  put: (message) => outbox.put(message),
  watch: (requestId, run) => {
    watched[WATCH_SINCE_MS] = monotonicMs();
    watched[WATCH_BEGUN] = Math.max(watched[WATCH_BEGUN] ?? 0, requestId);
    watched[WATCH_RUNNING] = requestId;
    try {
      return run();
    } finally {
      watched[WATCH_RUNNING] = 0;
    }
  },
});
// After the answers to those who waited for the write.
void store.failed.then(({ message }) => setImmediate(() => outbox.put({ kind: "storeFailed", message })));

// A port hands over what comes while it is handed over, without a turn of the event loop in between: callers who ask
// again at once would keep flushes and timers from ever running. So after a while the rest waits for the next turn.
const waiting: (readonly ToShard[])[] = [];
let sinceMs: number | undefined;
const take = (messages: readonly ToShard[]): void => {
  for (const message of messages) shard.receive(message);
};
const nextTurn = (): void => {
  sinceMs = undefined;
  for (let next = waiting.shift(); next; next = isLate() ? undefined : waiting.shift()) take(next);
};
const isLate = (): boolean => {
  if (sinceMs === undefined) setImmediate(nextTurn);
  sinceMs ??= monotonicMs();
  return monotonicMs() - sinceMs > TURN_MS;
};
port.on("message", (messages: readonly ToShard[]) => {
  if (isLate() || waiting.length > 0) waiting.push(messages);
  else take(messages);
});
port.postMessage([]);
