/**
 * An application on simulated nodes, from the author's own test runner: virtual time, a network that can be parted, and
 * everything else as it is in production. The same seed and the same calls give the same run.
 */

import { fileURLToPath } from "node:url";
import type { Role } from "@dunlin/core/access";
import { assert, idToText, type Json, jsonToValue, must, type Value, valueToJson } from "@dunlin/core/base";
import type { BlobStore } from "@dunlin/core/blobs";
import { createCrypto } from "@dunlin/core/crypto";
import type { Replica } from "@dunlin/core/replica";
import { Counts, mix, Network, Trace, type Weather } from "@dunlin/core/simulation";
import {
  type ApplicationBundle,
  applicationIdOf,
  buildApplication,
  createEngine,
  type Dump,
  dumpState,
  encodeBundle,
} from "@dunlin/runtime";
import { agree, disagreement, NotConverged } from "./agreement.ts";
import type { AppCalls } from "./app-calls.ts";
import type { AppContext, SimulatedApplication } from "./app-context.ts";
import { AppNode } from "./app-node.ts";
import { Driver } from "./driver.ts";
import { NODES_MAX, PATIENCE_MS } from "./limits.ts";

export interface SimulateOptions {
  /** What the run draws: keys, delays, what applications draw. 1 when left out. */
  readonly seed?: number;
  /** How many nodes, each with a member of its own. 5 when left out. */
  readonly nodes?: number;
  /** The roles of their members, in order; those not named are writers. Node 0 founds the context and is its admin. */
  readonly roles?: readonly Role[];
  /** How long a frame takes, in milliseconds: at least `delayMinMs` (1), with an exponential tail of `delayMeanMs` (10). */
  readonly delayMinMs?: number;
  readonly delayMeanMs?: number;
  /**
   * Applications of other contexts that all nodes take part in beside, by a name of your own: for calls from one to
   * another. See `in` of a node.
   */
  readonly others?: Readonly<Record<string, string | URL | ApplicationBundle>>;
  /** Chance that a frame takes its connection down, which is dialled again. 0 when left out. */
  readonly cutChance?: number;
}

/** A call that failed, with the code that a caller of a real node gets. */
export class CallFailed extends Error {
  override readonly name = "CallFailed";
  readonly code: string;
  /** The `code` of what the application threw. */
  readonly applicationCode: string | undefined;
  constructor(code: string, message: string, applicationCode: string | undefined) {
    super(message);
    this.code = code;
    this.applicationCode = applicationCode;
  }
}

/** An event as a node's subscribers are told of it. */
export interface SimulatedEvent {
  readonly kind: string;
  readonly data: unknown;
  /** Whether a call on this node emitted it. */
  readonly isLocal: boolean;
}

/** One context on a node of a simulation. */
export interface SimulatedContext {
  /** In base58: `context.contextId` of its calls. */
  readonly contextId: string;
  /** The public key of the node's member, in base58: `context.caller` of its calls. It has another in each context. */
  readonly member: string;
  /** What it was told, oldest first, also while it was not asked. */
  readonly events: readonly SimulatedEvent[];
  /** What the application logged here. */
  readonly logs: readonly string[];
  /**
   * Calls a method here; the answer with bigints and bytes as they are. Rejects with `CallFailed`. Other nodes learn of
   * what it wrote as time goes on: see `advance` and `converge`.
   */
  call<T = unknown>(method: string, args?: object): Promise<T>;
  /** The state as plain data, by the name of the field. */
  state(): Dump;
  /** What stays on this node, as plain data, by the name of the field. */
  localState(): Dump;
}

/** One node of a simulation, and the context of the application that is simulated. */
export interface SimulatedNode extends SimulatedContext {
  readonly index: number;
  /** One of the `others`, by its name. */
  in(name: string): SimulatedContext;
  /** The blobs that lie on this node, by their ids. */
  blobs(): Promise<readonly { readonly blob: string; readonly size: number }[]>;
  /** Takes in a blob that no context has, as an upload to a node does; its id. */
  upload(content: Uint8Array): Promise<string>;
  /** Ends it at once, as a power cut does. */
  crash(): void;
  /** Brings it up again, with what was on its disk. */
  restart(): Promise<void>;
}

/**
 * Runs an application, a file's path or URL or what was built of it, on simulated nodes that have all joined one context.
 * Throws when it does not build.
 */
export async function simulate(
  application: string | URL | ApplicationBundle,
  options: SimulateOptions = {},
): Promise<Simulation> {
  const others = Object.entries(options.others ?? {});
  const applications = [await load(application)];
  for (const [, other] of others) applications.push(await load(other));
  return Simulation.open(applications, ["", ...others.map(([name]) => name)], options);
}

async function load(application: string | URL | ApplicationBundle): Promise<SimulatedApplication> {
  const bundle = await bundleOf(application);
  const engine = await createEngine(bundle);
  if (!engine.ok) throw new Error(`the application does not load: ${engine.error.message}`);
  return { id: applicationIdOf(encodeBundle(bundle)), engine: engine.value };
}

async function bundleOf(application: string | URL | ApplicationBundle): Promise<ApplicationBundle> {
  if (typeof application === "object" && !(application instanceof URL)) return application;
  const path = application instanceof URL ? fileURLToPath(application) : application;
  const built = await buildApplication(path);
  if (built.ok) return built.value;
  const { file, line, column, message } = built.error;
  throw new Error(file === undefined ? message : `${file}:${line}:${column}: ${message}`);
}

export class Simulation implements AsyncDisposable {
  readonly nodes: readonly SimulatedNode[];
  readonly #driver = new Driver();
  readonly #network: Network;
  readonly #nodes: readonly AppNode[];
  /** Of the contexts, in their order. */
  readonly #names: readonly string[];

  private constructor(
    applications: readonly SimulatedApplication[],
    names: readonly string[],
    count: number,
    options: SimulateOptions,
  ) {
    const seed = mix(options.seed ?? 1);
    const { time } = this.#driver;
    const ports = { time, trace: new Trace(), counts: new Counts(), seed, nodes: count, onMisbehaviour: () => {} };
    this.#names = names;
    this.#network = new Network(ports, weatherOf(options));
    const nodePorts = { time, network: this.#network, crypto: createCrypto(), applications, seed };
    this.#nodes = Array.from({ length: count }, (_, index) => new AppNode(nodePorts, index));
    this.nodes = this.#nodes.map((node) => this.#face(node));
  }

  /** The nodes up, joined and agreed; `names` are those of the applications. Through `simulate`. */
  static async open(
    applications: readonly SimulatedApplication[],
    names: readonly string[],
    options: SimulateOptions,
  ): Promise<Simulation> {
    const { nodes: count = 5, roles = [] } = options;
    if (!Number.isInteger(count) || count < 1 || count > NODES_MAX) throw new RangeError(`1 to ${NODES_MAX} nodes`);
    const simulation = new Simulation(applications, names, count, options);
    const [founder, ...others] = simulation.#nodes;
    assert(founder !== undefined, "there is a node");
    for (const node of simulation.#nodes) node.boot();
    for (const [place, context] of founder.contexts.entries()) {
      await context.found();
      for (const { index, contexts } of others) contexts[place]?.join(context, roles[index] ?? "writer");
    }
    // Also connected, each with all: a handler that one node runs goes by who is.
    const isMet = ({ peers }: AppContext): boolean => peers === count - 1;
    await simulation.#driver.until(() => simulation.#nodes.every(({ contexts }) => contexts.every(isMet)));
    await simulation.converge();
    return simulation;
  }

  /** Milliseconds since the start of the run. */
  get nowMs(): number {
    return this.#driver.time.nowMs;
  }

  node(index: number): SimulatedNode {
    const node = this.nodes[index];
    if (node === undefined) throw new RangeError(`there is no node ${index}`);
    return node;
  }

  /** Parts the network: nodes of different groups do not reach each other; who is in none is alone. */
  partition(...groups: readonly (readonly number[])[]): void {
    const groupOf = (index: number): number => groups.findIndex((group) => group.includes(index));
    this.#network.partition(
      this.#nodes.map(({ index }) => (groupOf(index) < 0 ? groups.length + index : groupOf(index))),
    );
  }

  /** Joins the network again. */
  heal(): void {
    this.#network.partition(undefined);
  }

  /** Lets time go on: frames arrive, handlers run, nodes sync. */
  async advance(byMs: number): Promise<void> {
    await this.#driver.advance(byMs);
  }

  /**
   * Lets time go on until all nodes that are up have the same writes and the same state, and no handler is left to run.
   * Rejects with `NotConverged` when that does not come within ten minutes of virtual time, as while they are parted.
   */
  async converge(): Promise<void> {
    if (!(await this.#driver.until(() => agree(this.#nodes), PATIENCE_MS))) this.assertConverged();
  }

  /** Throws `NotConverged`, which names the nodes and the parts of the state that differ, unless all are the same now. */
  assertConverged(): void {
    const why = disagreement(this.#nodes);
    if (why !== undefined) throw new NotConverged(why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.#nodes) node.crash();
  }

  #face(node: AppNode): SimulatedNode {
    const faces = node.contexts.map((context) => this.#contextFace(node, context));
    const storeOf = async (): Promise<BlobStore> => {
      const opened = await node.blobs;
      if (opened) return opened.blobs;
      throw new CallFailed("NODE_DOWN", `node ${node.index} is down`, undefined);
    };
    const own = {
      index: node.index,
      in: (name: string): SimulatedContext => {
        const face = faces[this.#names.indexOf(name)];
        if (face === undefined) throw new RangeError(`there is no other application ${name}`);
        return face;
      },
      blobs: async () => (await (await storeOf()).list()).map(({ id, size }) => ({ blob: idToText(id), size })),
      upload: async (content: Uint8Array) => {
        const put = await (await storeOf()).put([content]);
        return idToText(must(put.ok ? put.value.id : undefined, "a blob that is not too large"));
      },
      crash: (): void => node.crash(),
      restart: async (): Promise<void> => {
        node.boot();
        await this.#driver.until(() => node.contexts.every(({ replica }) => replica !== undefined));
      },
    };
    // Over it, and not a copy: its getters tell what is so when they are asked.
    return Object.assign(Object.create(must(faces[0], "a context")) as SimulatedContext, own);
  }

  #contextFace({ index }: AppNode, context: AppContext): SimulatedContext {
    const { description } = context.application.engine;
    const up = (): { replica: Replica; calls: AppCalls } => {
      const { replica, calls } = context;
      if (replica && calls) return { replica, calls };
      throw new CallFailed("NODE_DOWN", `node ${index} is down`, undefined);
    };
    return {
      member: idToText(context.signer.publicKey),
      get contextId() {
        return must(context.id, "a context that was joined");
      },
      get events() {
        return context.events.map(({ kind, data, isLocal }) => ({ kind, data: parse(data), isLocal }));
      },
      logs: context.logs,
      call: async <T>(method: string, args: object = {}): Promise<T> =>
        (await this.#call(index, up().calls, method, args)) as T,
      state: () => dumpState(up().replica.document, description.state),
      localState: () => dumpState(up().calls.localState, description.local),
    };
  }

  async #call(index: number, calls: AppCalls, method: string, args: object): Promise<unknown> {
    const answer = calls.call(method, JSON.stringify(valueToJson(args as Value)));
    let isDone = false;
    const done = (): void => {
      isDone = true;
    };
    answer.then(done, done);
    if (!(await this.#driver.until(() => isDone))) {
      throw new CallFailed("NO_ANSWER", `node ${index} went down before it answered`, undefined);
    }
    const outcome = await answer;
    if (!outcome.ok) {
      throw new CallFailed(outcome.error.code, outcome.error.message, outcome.error.applicationCode);
    }
    return outcome.output === null ? undefined : parse(outcome.output);
  }
}

function weatherOf({ delayMinMs = 1, delayMeanMs = 10, cutChance = 0 }: SimulateOptions): Weather {
  return {
    delayMinMs,
    delayMeanMs,
    cutChance,
    noticeMaxMs: 100,
    redialMaxMs: 200,
    queueBytesMax: 64 * 1024 * 1024,
    dropChance: 0,
    duplicateChance: 0,
    reorderChance: 0,
    flushMeanMs: 0,
  };
}

function parse(text: string): unknown {
  return jsonToValue(JSON.parse(text) as Json);
}
