/** `dunlin dev`: an application on three nodes of this machine, again after every save. */
import { access, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Json, parseJson } from "@dunlin/api";
import { must } from "@dunlin/core/base";
import type { Call, Command } from "../command.ts";
import { type Artefact, type Built, buildFile, writeArtefact } from "../dev/build.ts";
import { changesOf } from "../dev/changes.ts";
import {
  agreed,
  closeDevNodes,
  type DevNode,
  openDevNodes,
  shareContext,
  upgradeAll,
  warmUp,
} from "../dev/dev-nodes.ts";
import { Profiler } from "../dev/profile.ts";
import { Show } from "../dev/show.ts";
import { failureOf } from "../dev/source-error.ts";
import { createTypeChecker, type TypeChecker } from "../dev/type-check.ts";
import { FileWatch } from "../dev/watch-files.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { valueAt } from "../fields.ts";
import { pageBeside } from "../start.ts";

export const dev: Command = {
  name: "dev",
  args: ["APP_PATH"],
  summary: "check, build and run an application on three local nodes; again after every save, its state kept",
  options: {
    port: {
      type: "string",
      value: "PORT",
      help: "port of the first node's API, the others' follow (default: free ones)",
    },
    home: { type: "string", value: "FOLDER", help: "keep the nodes in it, and go on with their state next time" },
    profile: { type: "boolean", help: "tell at the end, and before each reload, where the time of calls goes" },
    call: {
      type: "string",
      multiple: true,
      value: "'METHOD JSON'",
      help: "a call to make once all runs, on one node after the other (repeatable)",
    },
    once: { type: "boolean", help: "end after that; an error in the application or a call fails the command" },
  },
  async run(call) {
    const stopped = call.ports.untilStopped();
    const session = await Session.open(call);
    try {
      await session.run(stopped);
    } finally {
      await session.close();
    }
    return undefined;
  },
};

interface Settings {
  readonly entry: string;
  readonly folder: string;
  readonly isTemporary: boolean;
  readonly port: number;
  readonly calls: readonly { readonly method: string; readonly args: Json }[];
  readonly once: boolean;
  readonly profile: boolean;
}

/** What runs of an application. */
interface Running {
  readonly artefact: Artefact;
  readonly contextId: string;
}

class Session {
  readonly #call: Call;
  readonly #settings: Settings;
  readonly #checker: TypeChecker;
  readonly #show: Show;
  readonly #profiler = new Profiler();
  readonly #watch = new FileWatch();
  #nodes: readonly DevNode[] = [];
  #running: Running | undefined;

  private constructor(call: Call, settings: Settings, checker: TypeChecker) {
    this.#call = call;
    this.#settings = settings;
    this.#checker = checker;
    this.#show = new Show(call.ports, call.json);
  }

  static async open(call: Call): Promise<Session> {
    const settings = readSettings(call);
    const { entry } = settings;
    await access(entry).catch(() => {
      throw new CommandFailure("USAGE", `there is no file ${entry}`);
    });
    const checker = await createTypeChecker();
    const home = call.option("home");
    const folder = home === undefined ? await mkdtemp(join(tmpdir(), "dunlin-dev-")) : resolve(home);
    return new Session(call, { ...settings, folder, isTemporary: home === undefined }, checker);
  }

  async run(stopped: Promise<void>): Promise<void> {
    let isStopped = false;
    const stop = stopped.then(() => {
      isStopped = true;
    });
    const { entry, once, calls } = this.#settings;
    this.#watch.follow([entry]);
    while (!isStopped) {
      const isNew = await this.#reload();
      if (isNew) for (const [at, { method, args }] of calls.entries()) await this.#make(at, method, args);
      if (once) break;
      await Promise.race([this.#watch.changed(), stop]);
    }
  }

  async close(): Promise<void> {
    this.#tellProfile();
    this.#watch[Symbol.dispose]();
    await closeDevNodes(this.#nodes);
    if (this.#settings.isTemporary) await rm(this.#settings.folder, { recursive: true, force: true });
  }

  /** True when the application runs for the first time. */
  async #reload(): Promise<boolean> {
    const begunMs = performance.now();
    const built = await this.#build();
    this.#watch.follow(built.files);
    if (!built.ok) {
      if (this.#settings.once) throw failureOf(built.errors);
      this.#show.errors(built.errors, this.#running !== undefined);
      return false;
    }
    const { artefact } = built;
    if (!this.#running) {
      await this.#start(artefact);
      return true;
    }
    if (artefact.applicationId === this.#running.artefact.applicationId) {
      this.#show.note("nothing has changed for the application");
      return false;
    }
    await this.#replace(this.#running, artefact, begunMs);
    return false;
  }

  async #build(): Promise<Built> {
    return buildFile(this.#settings.entry, this.#checker);
  }

  async #start(artefact: Artefact): Promise<void> {
    const { folder, entry, port, profile } = this.#settings;
    const page = await pageBeside(entry);
    let isReady = false;
    this.#nodes = await openDevNodes({
      ports: this.#call.ports,
      folder,
      port,
      page,
      profile,
      // How the members came together is not the author's.
      listener: (event) => {
        if (!isReady) return;
        this.#profiler.take(event);
        this.#show.event(event);
      },
    });
    const applicationId = await this.#install(artefact);
    const contextId = await shareContext(this.#nodes, applicationId);
    await agreed(this.#nodes, contextId, applicationId);
    await warmUp(this.#nodes, contextId);
    this.#running = { artefact, contextId };
    isReady = true;
    this.#show.ready(contextId, artefact, this.#nodes);
  }

  async #replace({ artefact: before, contextId }: Running, artefact: Artefact, begunMs: number): Promise<void> {
    try {
      const applicationId = await this.#install(artefact);
      this.#tellProfile();
      await upgradeAll(this.#nodes, contextId, applicationId);
    } catch (error) {
      // The next save tries again: the upgrade was refused, or its migration failed and calls wait for one that does not.
      if (!(error instanceof CommandFailure)) throw error;
      this.#show.note(`not reloaded: ${error.message}`);
      return;
    }
    this.#running = { artefact, contextId };
    this.#show.reloaded(artefact, performance.now() - begunMs, changesOf(before.abi, artefact.abi));
  }

  /** On all nodes, so that none meets an application that it does not have. */
  async #install(artefact: Artefact): Promise<string> {
    const path = join(this.#settings.folder, "application.dunlin");
    await writeArtefact(path, artefact);
    for (const { service } of this.#nodes) unwrap(await service.installApplication({ path }));
    return artefact.applicationId;
  }

  async #make(at: number, method: string, args: Json): Promise<void> {
    const { contextId, artefact } = must(this.#running, "calls are made once it runs");
    const node = must(this.#nodes[at % this.#nodes.length], "there are nodes");
    await agreed(this.#nodes, contextId, artefact.applicationId);
    const called = await node.started.service.execute({ contextId, method, args });
    if (this.#settings.once) unwrap(called);
  }

  #tellProfile(): void {
    const running = this.#running;
    if (this.#settings.profile && running) this.#show.profile(this.#profiler.drain(), running.artefact);
  }
}

function readSettings({ args, option, optionList, flag }: Call): Omit<Settings, "folder" | "isTemporary"> {
  const port = Number(option("port") ?? 0);
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_533)) {
    throw new CommandFailure("USAGE", "--port must be an integer from 0 to 65533: three ports follow each other");
  }
  const calls = (optionList("call") ?? []).map((text) => {
    const [, method = "", json = ""] = /^\s*(\S+)\s*(.*)$/s.exec(text) ?? [];
    const parsed = parseJson(json === "" ? "{}" : json);
    if (!parsed.ok) throw new CommandFailure("USAGE", `--call ${method}: the arguments are ${parsed.error.message}`);
    return { method, args: parsed.value };
  });
  return { entry: resolve(valueAt(args, 0)), port, calls, once: flag("once"), profile: flag("profile") };
}
