import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXIT, type NodeService, type OpenNodeOptions } from "@dunlin/api";
import { StoreFailure } from "@dunlin/core/base";
import { APPLICATION_ID, createMemoryService, type MemoryService, testId } from "@dunlin/server/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { COMMANDS, main } from "./cli.ts";
import type { Ports } from "./command.ts";

interface Ran {
  readonly exit: number;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

/** A command under way: its lines as they come, and a way to stop it. */
interface Running {
  line(wanted: (line: string) => boolean): Promise<string>;
  stop(): void;
  readonly ended: Promise<Ran>;
}

let home: string;
let service: MemoryService;
let opened: OpenNodeOptions[];
let disposed: number;
let openFailure: unknown;

beforeEach(async () => {
  home = join(await mkdtemp(join(tmpdir(), "dunlin-cli-")), "home");
  service = createMemoryService();
  opened = [];
  disposed = 0;
  openFailure = undefined;
});
afterEach(() => rm(join(home, ".."), { recursive: true }));

function begin(argv: readonly string[], env: Ports["env"] = {}): Running {
  const out: string[] = [];
  const err: string[] = [];
  let wake = (): void => {};
  let stop = (): void => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const ended = main(argv, {
    out: (line) => {
      out.push(line);
      wake();
    },
    err: (line) => void err.push(line),
    colours: false,
    env: { DUNLIN_HOME: home, ...env },
    clock: { now: () => 0 },
    async openNode(options) {
      opened.push(options);
      if (openFailure !== undefined) throw openFailure;
      const disposable: NodeService & AsyncDisposable = Object.assign(Object.create(service), {
        async [Symbol.asyncDispose]() {
          disposed++;
        },
      });
      return disposable;
    },
    untilStopped: () => stopped,
  }).then((exit) => ({ exit, out, err }));
  return {
    async line(wanted) {
      for (;;) {
        const found = out.find(wanted);
        if (found !== undefined) return found;
        const next = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const done = await Promise.race([next, ended]);
        if (done !== undefined) throw new Error(`ended early: ${JSON.stringify(done)}`);
      }
    },
    stop,
    ended,
  };
}

const run = (...argv: string[]): Promise<Ran> => begin(argv).ended;

/** Runs `body` while a node runs on the home. */
async function withNode(body: (url: string) => Promise<void>): Promise<void> {
  const node = begin(["run", "--port", "0", "--json"]);
  const { url } = JSON.parse(await node.line((line) => line.startsWith("{"))) as { url: string };
  try {
    await body(url);
  } finally {
    node.stop();
    expect((await node.ended).exit).toBe(EXIT.ok);
  }
}

describe("run", () => {
  it("leaves its address for the other commands, private, and takes it away when it stops", async () => {
    await withNode(async (url) => {
      const address = JSON.parse(await readFile(join(home, "api.json"), "utf8"));
      expect(address).toMatchObject({ url, pid: process.pid, token: expect.stringMatching(/^[\w-]{43}$/) });
      for (const name of ["api.json", "token"]) expect((await stat(join(home, name))).mode & 0o777).toBe(0o600);
      expect((await stat(home)).mode & 0o777).toBe(0o700);
    });
    expect(await readdir(home)).toEqual(["token"]);
    expect(disposed).toBe(1);
  });

  it("keeps its token over a restart, and hands the configuration on", async () => {
    await withNode(async () => {});
    const token = await readFile(join(home, "token"), "utf8");
    await writeFile(join(home, "config.json"), '{"sync":{"intervalMs":7777}}');
    const node = begin(["run", "--port", "0", "--peer", "/a", "--peer", "/b"]);
    await node.line((line) => line.includes("listens"));
    node.stop();
    await node.ended;
    expect(await readFile(join(home, "token"), "utf8")).toBe(token);
    expect(opened.at(-1)?.config).toMatchObject({ sync: { intervalMs: 7777 }, network: { peers: ["/a", "/b"] } });
  });

  it("says in one line what is wrong and what to do, with the exit code of the table", async () => {
    const cases: [unknown, number, RegExp][] = [
      [new StoreFailure("STORE_LOCKED", "the store is locked"), EXIT.store, /stop it, or name another folder/],
      [new StoreFailure("STORE_NEWER", "format 9"), EXIT.store, /install that version/],
      [new StoreFailure("STORE_CORRUPT", "bad page"), EXIT.store, /restore/],
      [Object.assign(new Error("tcp/2428 in use"), { code: "LISTEN_FAILED" }), EXIT.config, /--listen/],
      [new Error("a bug"), EXIT.internal, /a bug/],
    ];
    for (const [failure, exit, message] of cases) {
      openFailure = failure;
      const ran = await run("run", "--port", "0");
      expect(ran).toMatchObject({ exit, out: [], err: [expect.stringMatching(message)] });
      expect(ran.err[0]).not.toContain("\n");
    }
  });

  it("closes the node again when the port is taken", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const ran = await run("run", "--port", String(port));
    expect(ran).toMatchObject({ exit: EXIT.config, err: [expect.stringContaining(`port ${port} is taken`)] });
    expect(disposed).toBe(1);
    expect(await readdir(home)).toEqual(["token"]);
    await new Promise((resolve) => taken.close(resolve));
  });

  it("refuses a bad configuration before anything is opened", async () => {
    await withNode(async () => {});
    await writeFile(join(home, "config.json"), '{"netwrok":{}}');
    const ran = await run("run", "--json");
    expect(ran.exit).toBe(EXIT.config);
    expect(JSON.parse(ran.err[0] ?? "")).toEqual({
      error: { code: "CONFIG_INVALID", message: expect.stringContaining('unknown key "netwrok"') },
    });
    expect(opened.length).toBe(1);
  });
});

describe("up", () => {
  it("installs, creates a context once, and says what to try", async () => {
    for (let time = 0; time < 2; time++) {
      const node = begin(["up", "notes/app.ts", "--port", "0"]);
      await node.line((line) => line.startsWith("  dunlin context invite"));
      node.stop();
      const { exit, out } = await node.ended;
      expect(exit).toBe(EXIT.ok);
      expect(out).toContain(`context  ${testId(3, 0)}`);
    }
    expect(await service.contexts()).toHaveLength(1);
  });

  it("stops the node when the application cannot be built", async () => {
    const ran = await run("up", "app.txt", "--port", "0");
    expect(ran).toMatchObject({
      exit: EXIT.failed,
      err: expect.arrayContaining([expect.stringContaining("app.txt:1:1")]),
    });
    expect(disposed).toBe(1);
  });
});

describe("commands to a running node", () => {
  it("take an application from install to a call", async () => {
    await withNode(async () => {
      expect(await run("app", "install", "x/app.ts")).toEqual({ exit: 0, out: [APPLICATION_ID], err: [] });
      const written = await run("app", "client", APPLICATION_ID);
      expect(written.out.join("\n")).toContain("export function connectNotes(node: NodeClient, contextId: string)");
      expect(await run("app", "client", testId(1, 9))).toMatchObject({ exit: EXIT.notFound, out: [] });
      const [contextId = "", member = ""] = (await run("context", "create", APPLICATION_ID)).out;
      expect(contextId).toBe(testId(3, 0));
      const put = await run("call", contextId, "put", '{"key":"a","value":[1]}', "--json");
      expect(JSON.parse(put.out[0] ?? "")).toEqual({ output: null, deltaId: expect.any(String) });
      expect((await run("call", contextId, "get", '{"key":"a"}', "--as", member)).out).toEqual(["[1]"]);
      expect((await run("context", "list")).out[0]).toMatch(new RegExp(`^${contextId}  root .* heads 1, pending 0$`));
      for (const application of [APPLICATION_ID, "x/app.ts"]) {
        const upgraded = await run("context", "upgrade", contextId, application, "--json");
        expect(JSON.parse(upgraded.out[0] ?? "")).toEqual({
          contextId,
          applicationId: APPLICATION_ID,
          migrated: false,
        });
        expect(service.calls.at(-1)).toEqual(["upgradeContext", { contextId, applicationId: APPLICATION_ID }]);
      }
      const foreseen = await run("context", "upgrade", contextId, APPLICATION_ID, "--dry-run");
      expect(foreseen.out).toEqual(['pages.a: nothing -> "b"']);
      const [identity = ""] = (await run("identity", "create")).out;
      const invited = await run("context", "invite", contextId, identity, "--role", "reader", "--days", "1");
      expect(service.calls.at(-1)?.[1]).toEqual({
        contextId,
        inviteeId: identity,
        role: "reader",
        validForMs: 86_400_000,
      });
      expect((await run("context", "join", invited.out[0] ?? "")).out[0]).toBe(contextId);
      expect((await run("status")).out).toContain("version   0.1.0");
    });
  });

  it("receipt tells who has a delta, and fails when what is waited for does not come", async () => {
    await withNode(async () => {
      await service.createContext({ applicationId: APPLICATION_ID });
      const context = testId(3, 0);
      const called = await run("call", context, "put", '{"key":"a","value":1}', "--json");
      const { deltaId } = JSON.parse(called.out[0] ?? "");
      const told = await run("receipt", context, deltaId, "--until", "1");
      const lines = ["persisted   true", "replicated  1", "stable      false", `  at  ${testId(2, 1)}`];
      expect(told).toMatchObject({ exit: EXIT.ok, out: lines });
      expect(await run("receipt", context, deltaId, "--until", "stable")).toMatchObject({ exit: EXIT.busy, out: [] });
      expect((await run("receipt", context, testId(9, 9))).exit).toBe(EXIT.notFound);
    });
  });

  it("end with the exit code of what failed, in both forms", async () => {
    await withNode(async (url) => {
      const { token } = JSON.parse(await readFile(join(home, "api.json"), "utf8"));
      const wrong = "x".repeat(32);
      const cases: [string[], number, string][] = [
        [["call", testId(3, 9), "get"], EXIT.notFound, "CONTEXT_NOT_FOUND"],
        [["call", "short", "get"], EXIT.usage, "PARAMS_INVALID"],
        [["call", testId(3, 9), "get", "{"], EXIT.usage, "USAGE"],
        [["context", "create", testId(1, 9)], EXIT.notFound, "APPLICATION_NOT_FOUND"],
        [["context", "join", "nonsense"], EXIT.failed, "INVITATION_INVALID"],
        [["app", "install", "x.txt"], EXIT.failed, "APPLICATION_BUILD_FAILED"],
        [["status", "--api", url, "--token", wrong], EXIT.refused, "UNAUTHORIZED"],
        [["watch", testId(3, 9), "--api", url, "--token", wrong], EXIT.refused, "UNAUTHORIZED"],
        [["status", "--api", "http://127.0.0.1:9", "--token", wrong], EXIT.unreachable, "NODE_UNREACHABLE"],
        [["status", "--api", "http://127.0.0.1:9"], EXIT.usage, "USAGE"],
        [["status", "--api", "file:///x", "--token", token], EXIT.usage, "USAGE"],
      ];
      for (const [argv, exit, code] of cases) {
        const ran = await run(...argv, "--json");
        expect([argv, ran.exit, JSON.parse(ran.err[0] ?? "{}").error.code]).toEqual([argv, exit, code]);
        expect((await run(...argv)).err[0]).toMatch(/^dunlin: [^\n]+$/);
      }
      const other = await begin(["status", "--api", url, "--home", "/nowhere"], { DUNLIN_TOKEN: token }).ended;
      expect(other.exit).toBe(EXIT.ok);
    });
  });

  it("watch prints events as lines that no payload can break, and ends by count or when stopped", async () => {
    await withNode(async () => {
      await service.createContext({ applicationId: APPLICATION_ID });
      const context = testId(3, 0);
      // The subscription has no echo on the command line: events are made until one has come through.
      const until = async (running: Running, count: number): Promise<void> => {
        let isDone = false;
        const done = (count > 0 ? running.ended : running.line(() => true)).finally(() => {
          isDone = true;
        });
        while (!isDone) {
          await service.setPresence({ contextId: context, data: "no event" });
          service.emit(context, "Put", '"\u001b[31m\u009bé"');
          await new Promise((resolve) => setImmediate(resolve));
        }
        await done;
      };
      const counted = begin(["watch", context, "--count", "2"]);
      await until(counted, 2);
      const { exit, out } = await counted.ended;
      expect([exit, out.length]).toEqual([EXIT.ok, 2]);
      expect(out[0]).toMatch(/^#\d+ remote Put "\\u001b\[31m\\u009bé" {2}root \w+$/);

      const endless = begin(["watch", context, "--json"]);
      await until(endless, 0);
      endless.stop();
      const ended = await endless.ended;
      expect(ended.exit).toBe(EXIT.ok);
      expect(JSON.parse(ended.out[0] ?? "")).toMatchObject({ contextId: context, type: "StateMutation" });
    });
  });

  it("watch says that the node has gone", async () => {
    let watching: Running | undefined;
    await withNode(async () => {
      await service.createContext({ applicationId: APPLICATION_ID });
      watching = begin(["watch", testId(3, 0)]);
      let hasLine = false;
      const first = watching
        .line(() => true)
        .then(() => {
          hasLine = true;
        });
      while (!hasLine) {
        service.emit(testId(3, 0), "Put", "1");
        await new Promise((resolve) => setImmediate(resolve));
      }
      await first;
    });
    expect(await watching?.ended).toMatchObject({ exit: EXIT.unreachable, err: [expect.stringContaining("1001")] });
  });
});

describe("the command line", () => {
  it("explains itself, and each command", async () => {
    const { exit, out } = await run("--help");
    expect(exit).toBe(EXIT.ok);
    for (const command of COMMANDS) {
      expect(out.join("\n")).toContain(`  ${command.name}`);
      const help = await run(...command.name.split(" "), "--help");
      expect(help.exit).toBe(EXIT.ok);
      expect(help.out[0]).toContain(`usage: dunlin ${command.name}`);
      for (const name of ["home", "json", ...Object.keys(command.options)]) {
        expect(help.out.join("\n")).toContain(`  --${name}`);
      }
    }
  });

  it("refuses what it does not know with exit code 2 and one line", async () => {
    const cases: [string[], RegExp][] = [
      [["dance"], /no such command "dance"; `dunlin --help`/],
      [["context"], /context create, context invite/],
      [["context", "dance"], /no such command "context dance"/],
      [["status", "--nope"], /Unknown option '--nope'/],
      [["status", "--home"], /--home/],
      [["call", "x"], /usage: dunlin call CONTEXT METHOD \[ARGS_JSON\]/],
      [["status", "more"], /usage: dunlin status/],
      [["run", "--port", "x"], /--port must be/],
      [["watch", "x", "--count", "0"], /--count must be/],
      [["receipt", "x", "y", "--until", "0"], /--until must be/],
    ];
    for (const [argv, message] of cases) {
      const { exit, err, out } = await run(...argv);
      expect([argv, exit, out]).toEqual([argv, EXIT.usage, []]);
      expect(err).toEqual([expect.stringMatching(message)]);
    }
  });

  it("says how to start a node when none runs on the home", async () => {
    expect(await run("status")).toMatchObject({ exit: EXIT.unreachable, err: [expect.stringContaining("dunlin run")] });
  });

  it("writes the log as lines on standard error, by level and subsystem", async () => {
    await withNode(async () => {});
    await writeFile(join(home, "config.json"), '{"log":{"level":"error","subsystems":{"sync":"debug"}}}');
    const node = begin(["run", "--port", "0"]);
    await node.line((line) => line.includes("listens"));
    const log = opened.at(-1)?.log;
    log?.log("debug", "sync.started", { peer: "a b\n", n: 1 });
    log?.log("warn", "network.slow");
    node.stop();
    expect((await node.ended).err).toEqual(['1970-01-01T00:00:00.000Z debug sync.started peer="a b\\n" n=1']);
  });
});

describe("context limits", () => {
  it("shows, sets and takes back what calls of a context may use, and refuses what is no limit", async () => {
    await withNode(async () => {
      const [contextId = ""] = (await run("context", "create", APPLICATION_ID)).out;
      const limits = (...more: string[]): Promise<Ran> => run("context", "limits", contextId, ...more);
      expect((await limits("--set", "logsMax=5", "--set", "blobBytes=0")).out).toEqual([
        "logsMax    5  set here",
        "blobBytes  0  set here",
      ]);
      expect((await limits("--reset", "logsMax")).out).toEqual(["blobBytes  0  set here"]);
      expect((await limits("--all")).out).toContain("guestFuel                  default");
      for (const wrong of [
        ["--set", "logsMax=-1"],
        ["--set", "nothing=1"],
        ["--set", "logsMax"],
        ["--reset", "x"],
      ]) {
        expect((await limits(...wrong)).exit, wrong.join(" ")).toBe(EXIT.usage);
      }
      expect((await run("context", "limits", testId(3, 99))).exit).toBe(EXIT.notFound);
    });
  });
});

describe("recorded calls", () => {
  it("are told to be none on a home that records none", async () => {
    const hint = 'no call is recorded: set "recording": { "bytesMax": 67108864 } in config.json';
    for (const command of ["verify", "replay"]) expect((await run("app", command)).out).toEqual([hint]);
    expect((await run("app", "replay", "5")).exit).toBe(EXIT.notFound);
    expect((await run("app", "replay", "five")).exit).toBe(EXIT.usage);
  });
});
