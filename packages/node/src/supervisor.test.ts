import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SYNC_PRESETS } from "@dunlin/api";
import { silentLog } from "@dunlin/core/base";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ShardThread } from "./shard-thread.ts";
import { ShardSupervisor } from "./supervisor.ts";

/** Of a call in these tests: with the supervisor's grace, a call that spins is ended after about a second. */
const CALL_TIME_MS = 20;

const FILE = new URL("./supervisor.fixture.mjs", import.meta.url);

let home: string;
let restarts: number;
let logged: string[];
let supervisor: ShardSupervisor;

function create(): ShardSupervisor {
  return new ShardSupervisor({
    data: {
      home,
      self: "self",
      addresses: [],
      profile: false,
      recordingBytesMax: 0,
      limits: { callTimeMs: CALL_TIME_MS, callFuel: 1e9 },
      sync: { ...SYNC_PRESETS.medium, contexts: {} },
    },
    log: silentLog,
    onMessage: (message) => void logged.push(message.kind === "log" ? message.event : message.kind),
    onRestart: () => restarts++,
    first: new ShardThread(FILE),
    file: FILE,
  });
}

const call = (method: string) => supervisor.request("execute", { contextId: "c", method, args: {} });
const answered = (restarted: boolean) => ({ ok: true, value: { output: { restarted } } });
const failed = (code: string) => ({ ok: false, error: { code } });

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "dunlin-supervisor-"));
  restarts = 0;
  logged = [];
  supervisor = create();
});

afterEach(async () => {
  await supervisor.close();
  rmSync(home, { recursive: true, force: true });
});

describe("ShardSupervisor", () => {
  it("rejects with what keeps the worker from starting, and closes after that", async () => {
    writeFileSync(join(home, "refuses"), "");
    await expect(supervisor.start()).rejects.toMatchObject({ code: "STORE_LOCKED", message: "as the test wants it" });
    await supervisor.close();
    expect(await call("fine")).toMatchObject(failed("NODE_CLOSED"));
  });

  it("keeps what comes while the worker opens its store", async () => {
    const starting = supervisor.start();
    supervisor.post({ kind: "connect", peer: "early" });
    supervisor.post({ kind: "frame", peer: "early", bytes: Uint8Array.of(1) });
    await starting;
    await call("fine");
    expect(logged).toEqual(["connect", "frame"]);
  });

  it("ends a worker that a call holds up, and runs what had not begun on another", async () => {
    await supervisor.start();
    const all = ["fine", "wait", "spin", "fine", "wait"].map(call);
    // Sent again to the new worker, the second "wait" would wait there: it is the last, and answered by the close.
    expect(await Promise.all(all.slice(0, 4))).toMatchObject([
      answered(false),
      failed("CALL_INTERRUPTED"),
      failed("TIME_LIMIT"),
      answered(true),
    ]);
    expect(restarts).toBe(1);
    await supervisor.close();
    expect(await all[4]).toMatchObject({ ok: false });
  });

  it("never runs a call twice: one that overtook the call that held up the worker has begun", async () => {
    await supervisor.start();
    const all = ["spinLater", "wait"].map(call);
    expect(await Promise.all(all)).toMatchObject([failed("TIME_LIMIT"), failed("CALL_INTERRUPTED")]);
  });

  it("starts another worker when one dies, and asks it again what may be asked twice", async () => {
    await supervisor.start();
    const died = call("die");
    const created = supervisor.request("createContext", { applicationId: "a" });
    const status = supervisor.request("status", null);
    expect(await died).toMatchObject(failed("CALL_INTERRUPTED"));
    expect(await Promise.all([created, status])).toMatchObject([failed("CALL_INTERRUPTED"), { ok: true }]);
    expect(await call("fine")).toMatchObject(answered(true));
  });

  it("opens a store that failed to write again after a while, and says why it takes nothing meanwhile", async () => {
    await supervisor.start();
    expect(await call("failDisk")).toMatchObject(failed("CALL_INTERRUPTED"));
    const refused = await call("fine");
    expect(refused).toMatchObject(failed("STORE_WRITE_FAILED"));
    expect(JSON.stringify(refused)).toContain("the disk is full; it is opened again by itself");
    await expect.poll(() => call("fine"), { timeout: 10_000 }).toMatchObject(answered(true));
    expect(restarts).toBe(1);
  });

  it("closes while it waits to open a store again", async () => {
    await supervisor.start();
    await call("failDisk");
    await supervisor.close();
    expect(await call("fine")).toMatchObject(failed("NODE_CLOSED"));
  });

  it("answers every request when no worker can be started again", async () => {
    await supervisor.start();
    const died = call("dieForGood");
    const behind = call("fine");
    expect(await died).toMatchObject(failed("CALL_INTERRUPTED"));
    expect(await behind).toMatchObject(failed("SHARD_FAILED"));
    expect(await call("fine")).toMatchObject(failed("SHARD_FAILED"));
  });

  it("closes while a call holds up the worker, and answers it", async () => {
    await supervisor.start();
    const spun = call("spin");
    await supervisor.close();
    expect(await spun).toMatchObject(failed("TIME_LIMIT"));
    expect(await call("fine")).toMatchObject(failed("NODE_CLOSED"));
  });
});
