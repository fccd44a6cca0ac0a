/** A worker that stands in for the shard's in the supervisor's test: a call's method name says what becomes of it. */
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";

const [{ home, restarted, watch }] = await once(workerData, "message");
workerData.close();
const watched = new Float64Array(watch);
const startsFile = join(home, "refuses");
if (existsSync(startsFile)) throw Object.assign(new Error("as the test wants it"), { code: "STORE_LOCKED" });

const reply = (id, value) => parentPort.postMessage([{ kind: "reply", id, result: { ok: true, value } }]);

function execute(id, method) {
  watched[1] = Number(process.hrtime.bigint() / 1000n) / 1000;
  watched[2] = Math.max(watched[2], id);
  watched[0] = id;
  if (method === "spin") for (;;);
  watched[0] = 0;
  // "wait" has run and waits for its flush, for ever.
  if (method === "wait") return;
  // As a shard does when a write did not reach the disk; what is behind it waits for ever.
  if (method === "failDisk") return parentPort.postMessage([{ kind: "storeFailed", message: "the disk is full" }]);
  if (method === "die") process.exit(3);
  if (method === "dieForGood") {
    writeFileSync(startsFile, "");
    process.exit(3);
  }
  reply(id, { output: { id, method, restarted }, deltaId: null });
}

parentPort.on("message", (messages) => {
  for (const message of messages) {
    if (message.kind !== "request") {
      parentPort.postMessage([{ kind: "log", level: "info", event: message.kind, fields: message }]);
    } else if (message.method === "execute") {
      // A call whose engine is still loading begins after those behind it.
      if (message.request.method === "spinLater") setTimeout(() => execute(message.id, "spin"), 100);
      else execute(message.id, message.request.method);
    } else if (message.method === "close" && home.endsWith("stuck")) {
      // Never answers.
    } else reply(message.id, null);
  }
});
parentPort.postMessage([]);
