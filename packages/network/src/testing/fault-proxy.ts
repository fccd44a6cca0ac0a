/**
 * A TCP proxy on the loopback interface that makes a link bad: latency, a limit on bandwidth, a black hole in which
 * everything waits and nobody is told, and a cut.
 *
 * Order and content are kept: TCP does not lose bytes, it delays them or breaks. Time comes from a scheduler, so that
 * a test may drive it. Bounded: past HELD_BYTES_MAX in one direction it stops reading, as a full link does.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Cancel, Scheduler } from "@dunlin/core/base";

export interface Faults {
  /** Delay of each direction. */
  latencyMs: number;
  /** Of each direction of each connection. */
  bytesPerSecond: number;
  /** Nothing passes, and new connections get no answer. */
  blackhole: boolean;
  /** New connections are reset. */
  refuse: boolean;
}

export interface FaultProxyOptions {
  /** The address of the node behind it: /ip4/127.0.0.1/tcp/PORT/p2p/PEER. */
  readonly target: string;
  readonly scheduler: Scheduler & { readonly now: number };
  /** Called whenever bytes were taken in and wait here. */
  readonly onHeld?: () => void;
}

export interface FaultProxy extends AsyncDisposable {
  /** What to dial instead of the target. */
  readonly address: string;
  readonly heldBytes: number;
  readonly connections: number;
  set(faults: Partial<Faults>): void;
  /** Resets all connections, on both sides. */
  cut(): void;
}

const HELD_BYTES_MAX = 256 * 1024;
const TARGET = /^\/ip4\/(?<host>[0-9.]+)\/tcp\/(?<port>[0-9]+)(?<rest>\/.*)?$/;

export async function openFaultProxy({ target, scheduler, onHeld }: FaultProxyOptions): Promise<FaultProxy> {
  const { host = "", port = "", rest = "" } = TARGET.exec(target)?.groups ?? {};
  if (host === "") throw new Error(`${target} is no /ip4/HOST/tcp/PORT address`);
  const faults: Faults = { latencyMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY, blackhole: false, refuse: false };
  const lanes = new Set<Lane>();
  const server = createServer({ noDelay: true }, (near) => {
    if (faults.refuse) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host, port: Number(port), noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      const lane = new Lane(from, to, faults, scheduler, onHeld ?? (() => {}));
      lanes.add(lane);
      from.on("close", () => lanes.delete(lane));
    }
  });
  const cut = (): void => {
    for (const lane of [...lanes]) lane.cut();
  };
  return {
    address: `/ip4/127.0.0.1/tcp/${await listen(server)}${rest}`,
    get heldBytes() {
      return [...lanes].reduce((sum, lane) => sum + lane.heldBytes, 0);
    },
    get connections() {
      return lanes.size / 2;
    },
    set: (changed) => {
      Object.assign(faults, changed);
      for (const lane of [...lanes]) lane.pump();
    },
    cut,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

/** One direction of one connection. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #faults: Faults;
  readonly #scheduler: FaultProxyOptions["scheduler"];
  readonly #held: { readonly chunk: Uint8Array; readonly dueAt: number }[] = [];
  #lastDueAt = 0;
  /** The sender has closed: passed on after the last chunk. */
  #ended: "no" | "waiting" | "passed" = "no";
  #cancel: Cancel | undefined;
  heldBytes = 0;

  constructor(from: Socket, to: Socket, faults: Faults, scheduler: FaultProxyOptions["scheduler"], onHeld: () => void) {
    this.#from = from;
    this.#to = to;
    this.#faults = faults;
    this.#scheduler = scheduler;
    from.on("data", (chunk: Uint8Array) => {
      this.#hold(chunk);
      onHeld();
      this.pump();
    });
    from.on("error", () => {});
    from.on("close", () => {
      if (this.#ended === "no") this.#ended = "waiting";
      this.pump();
    });
    to.on("close", () => this.#cancel?.());
  }

  /** Passes on what is due, and comes back for the rest. */
  pump(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#faults.blackhole) return;
    const { now } = this.#scheduler;
    for (let head = this.#held[0]; head !== undefined && head.dueAt <= now; head = this.#held[0]) {
      this.#held.shift();
      this.heldBytes -= head.chunk.length;
      if (!this.#to.destroyed) this.#to.write(head.chunk);
    }
    if (this.heldBytes < HELD_BYTES_MAX && this.#from.isPaused()) this.#from.resume();
    const next = this.#held[0];
    if (next !== undefined) this.#cancel = this.#scheduler.after(next.dueAt - now, () => this.pump());
    else if (this.#ended === "waiting") this.#passEnd();
  }

  cut(): void {
    this.#cancel?.();
    this.#ended = "passed";
    this.#from.resetAndDestroy();
    this.#to.resetAndDestroy();
  }

  #hold(chunk: Uint8Array): void {
    const earliest = Math.max(this.#scheduler.now + this.#faults.latencyMs, this.#lastDueAt);
    this.#lastDueAt = earliest + (chunk.length * 1000) / this.#faults.bytesPerSecond;
    this.#held.push({ chunk, dueAt: this.#lastDueAt });
    this.heldBytes += chunk.length;
    if (this.heldBytes >= HELD_BYTES_MAX) this.#from.pause();
  }

  #passEnd(): void {
    this.#ended = "passed";
    this.#to.destroySoon();
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address !== null && typeof address === "object") resolve(address.port);
    });
  });
}
