/**
 * Keeps a set of peers connected: dials them, and again after each failure or loss, with backoff.
 *
 * Owns: at most DIALS_AT_ONCE_MAX dials run, their starts are DIAL_STAGGER_MS apart, and each peer has at most one.
 * The wait doubles from RECONNECT_FIRST_MS to RECONNECT_MAX_MS, half of it random, so that peers which lost each other
 * together do not dial together. A connection that lives for STABLE_AFTER_MS starts the wait from the beginning; one
 * that is cut at once does not, so a peer that refuses us is not dialled every second.
 */
import type { Cancel, PeerId, Random, Scheduler } from "@dunlin/core/base";
import { DIAL_STAGGER_MS, DIALS_AT_ONCE_MAX, RECONNECT_FIRST_MS, RECONNECT_MAX_MS, STABLE_AFTER_MS } from "./limits.ts";

export interface ReconnectorPorts {
  readonly scheduler: Scheduler;
  readonly random: Random;
  isConnected(peer: PeerId): boolean;
  /** Settles when the dial has ended; never rejects. */
  dial(peer: PeerId, addresses: readonly string[], signal: AbortSignal): Promise<void>;
}

interface Target {
  readonly peer: PeerId;
  addresses: readonly string[];
  /** Failed dials and short-lived connections in a row. */
  failures: number;
  state: TargetState;
}

type TargetState =
  | { readonly tag: "queued" }
  | { readonly tag: "dialling"; readonly abort: AbortController }
  | { readonly tag: "connected"; readonly cancel: Cancel }
  | { readonly tag: "waiting"; readonly cancel: Cancel };

export class Reconnector {
  readonly #ports: ReconnectorPorts;
  readonly #targets = new Map<PeerId, Target>();
  readonly #queue: Target[] = [];
  #dialling = 0;
  #cancelStagger: Cancel | undefined;

  constructor(ports: ReconnectorPorts) {
    this.#ports = ports;
  }

  get dialling(): number {
    return this.#dialling;
  }

  /** Replaces the set. Peers that left it are not dialled any more; their connections stay. */
  keep(addressesByPeer: ReadonlyMap<PeerId, readonly string[]>): void {
    for (const target of [...this.#targets.values()]) {
      if (!addressesByPeer.has(target.peer)) this.#remove(target);
    }
    for (const [peer, addresses] of addressesByPeer) {
      const known = this.#targets.get(peer);
      if (known !== undefined) known.addresses = addresses;
      else this.#add(peer, addresses);
    }
    this.#pump();
  }

  /** A session with the peer opened, whoever dialled. */
  connected(peer: PeerId): void {
    const target = this.#targets.get(peer);
    if (target !== undefined) this.#enterConnected(target);
  }

  disconnected(peer: PeerId): void {
    const target = this.#targets.get(peer);
    if (target?.state.tag === "connected") this.#enterWaiting(target);
  }

  stop(): void {
    this.keep(new Map());
    this.#cancelStagger?.();
    this.#cancelStagger = undefined;
  }

  #add(peer: PeerId, addresses: readonly string[]): void {
    const target: Target = { peer, addresses, failures: 0, state: { tag: "queued" } };
    this.#targets.set(peer, target);
    if (this.#ports.isConnected(peer)) this.#enterConnected(target);
    else this.#queue.push(target);
  }

  #remove(target: Target): void {
    this.#targets.delete(target.peer);
    this.#leaveState(target);
  }

  /** Starts one queued dial if there is room; the next start follows after the stagger. */
  #pump(): void {
    while (this.#cancelStagger === undefined && this.#dialling < DIALS_AT_ONCE_MAX) {
      const target = this.#queue.shift();
      if (target === undefined) return;
      if (target.state.tag !== "queued" || this.#targets.get(target.peer) !== target) continue;
      this.#dial(target);
      this.#cancelStagger = this.#ports.scheduler.after(DIAL_STAGGER_MS, () => {
        this.#cancelStagger = undefined;
        this.#pump();
      });
    }
  }

  #dial(target: Target): void {
    const abort = new AbortController();
    const state: TargetState = { tag: "dialling", abort };
    target.state = state;
    this.#dialling++;
    const end = (): void => {
      this.#dialling--;
      if (target.state === state && this.#targets.get(target.peer) === target) this.#enterWaiting(target);
      this.#pump();
    };
    void this.#ports.dial(target.peer, target.addresses, abort.signal).then(end, end);
  }

  #enterConnected(target: Target): void {
    this.#leaveState(target);
    const cancel = this.#ports.scheduler.after(STABLE_AFTER_MS, () => {
      target.failures = 0;
    });
    target.state = { tag: "connected", cancel };
  }

  #enterWaiting(target: Target): void {
    this.#leaveState(target);
    const longest = Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** Math.min(target.failures, 16));
    target.failures++;
    const cancel = this.#ports.scheduler.after((longest + longest * drawUnit(this.#ports.random)) / 2, () => {
      target.state = { tag: "queued" };
      this.#queue.push(target);
      this.#pump();
    });
    target.state = { tag: "waiting", cancel };
  }

  #leaveState(target: Target): void {
    const { state } = target;
    if (state.tag === "waiting" || state.tag === "connected") state.cancel();
    // A dial that is overtaken by an inbound connection runs out by itself; one of a removed peer is stopped.
    if (state.tag === "dialling" && !this.#targets.has(target.peer)) state.abort.abort();
  }
}

/** A number in [0, 1). */
function drawUnit(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) / 65_536;
}
