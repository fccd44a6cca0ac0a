/** Three nodes on loopback that share one context, what follows them, and what they have sent. */
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NodeApi } from "./api.ts";
import { DemoFailure, EXIT, reasonOf } from "./failure.ts";
import { Follower } from "./follower.ts";
import { type Ledger, NODE_NAMES, type NodeName } from "./ledger.ts";
import { NodeProcess } from "./node-process.ts";

const APPLICATION = fileURLToPath(new URL("../app.ts", import.meta.url));

export class Member {
  readonly name: NodeName;
  readonly process: NodeProcess;
  #api: NodeApi | undefined;
  #follower: Follower | undefined;
  /** Bytes sent to a peer: as last told, and of connections before. */
  readonly #sentByPeer = new Map<string, { now: number; before: number }>();

  constructor(name: NodeName, process: NodeProcess) {
    this.name = name;
    this.process = process;
  }

  get api(): NodeApi {
    if (this.#api === undefined) throw new DemoFailure(EXIT.unequal, `node ${this.name} is not running`);
    return this.#api;
  }

  get isRunning(): boolean {
    return this.#api !== undefined;
  }

  async start(): Promise<void> {
    this.#api = await this.process.start();
  }

  async follow(contextId: string, ledger: Ledger): Promise<void> {
    ledger.startLife(this.name);
    this.#follower = await Follower.open(this.api, contextId, {
      onDeltas: (ids) => ledger.hear(this.name, ids),
    });
  }

  async kill(): Promise<void> {
    this.#api = undefined;
    await this.process.kill();
  }

  async stop(): Promise<void> {
    this.#api = undefined;
    this.#follower?.close();
    await this.process.stop();
  }

  /** Asks what the node has sent. A node that was killed has taken with it what it sent after the last question. */
  async countBytes(): Promise<void> {
    const status = await this.#api?.status().catch(() => undefined);
    for (const { peerId, bytesOut } of status?.peers ?? []) {
      const sent = this.#sentByPeer.get(peerId) ?? { now: 0, before: 0 };
      // A new connection counts from the beginning.
      if (bytesOut < sent.now) sent.before += sent.now;
      sent.now = bytesOut;
      this.#sentByPeer.set(peerId, sent);
    }
  }

  get bytesSent(): number {
    return [...this.#sentByPeer.values()].reduce((sum, { now, before }) => sum + now + before, 0);
  }
}

export class Cluster {
  readonly members: Readonly<Record<NodeName, Member>>;

  private constructor(members: Readonly<Record<NodeName, Member>>) {
    this.members = members;
  }

  /** Prepares the folders of three nodes; `port` is that of A's API. */
  static async prepare(
    folder: string,
    port: number | undefined,
    onLost: (node: NodeProcess, why: string) => void,
  ): Promise<Cluster> {
    if (port !== undefined) await Promise.all(NODE_NAMES.map((_, index) => listenBriefly(port + index)));
    const free = await freePorts(NODE_NAMES.length * 2);
    const create = (name: NodeName, index: number): Member => {
      const ports = { api: port === undefined ? (free[index] ?? 0) : port + index, peer: free.at(-1 - index) ?? 0 };
      return new Member(name, new NodeProcess(name, join(folder, name.toLowerCase()), ports, onLost));
    };
    const members = { A: create("A", 0), B: create("B", 1), C: create("C", 2) };
    for (const member of Object.values(members)) await member.process.prepare();
    return new Cluster(members);
  }

  get all(): readonly Member[] {
    return NODE_NAMES.map((name) => this.members[name]);
  }

  async start(): Promise<void> {
    const started = await Promise.allSettled(this.all.map((member) => member.start()));
    for (const result of started) if (result.status === "rejected") throw result.reason;
  }

  /** Installs the application everywhere, creates a context on A, and lets B and C in. */
  async share(ledger: Ledger): Promise<{ readonly contextId: string; readonly identities: Record<NodeName, string> }> {
    const { A, B, C } = this.members;
    const [applicationId] = await Promise.all(this.all.map((member) => member.api.install(APPLICATION)));
    const created = await A.api.createContext(String(applicationId));
    const { contextId } = created;
    const identities = { A: created.memberPublicKey, B: "", C: "" };
    for (const member of [B, C]) {
      identities[member.name] = await member.api.createIdentity();
      await member.api.join(await A.api.invite(contextId, identities[member.name]));
    }
    await Promise.all(this.all.map((member) => member.follow(contextId, ledger)));
    return { contextId, identities };
  }

  async countBytes(): Promise<void> {
    await Promise.all(this.all.map((member) => member.countBytes()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.all.map((member) => member.stop()));
  }
}

/** Ports of loopback that nothing listens on now: all held at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const held = await Promise.all(Array.from({ length: count }, () => hold(0)));
  await Promise.all(held.map(({ release }) => release()));
  return held.map(({ port }) => port);
}

/** Refuses a port that something listens on. */
async function listenBriefly(port: number): Promise<void> {
  const held = await hold(port).catch((thrown: unknown) => {
    throw new DemoFailure(EXIT.taken, `port ${port} cannot be listened on: ${reasonOf(thrown)}`);
  });
  await held.release();
}

function hold(port: number): Promise<{ readonly port: number; release(): Promise<unknown> }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const held = typeof address === "object" && address !== null ? address.port : port;
      resolve({ port: held, release: () => new Promise((released) => server.close(released)) });
    });
  });
}
