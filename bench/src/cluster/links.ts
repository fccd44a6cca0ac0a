/**
 * The links of a process's members to those that they dial: direct, or each through a proxy of its own that delays it and
 * can part its ends.
 */
import type { Network } from "@dunlin/network";
import { type FaultProxy, openFaultProxy, systemScheduler } from "@dunlin/network/testing";
import type { DialTarget } from "./protocol.ts";

interface Link {
  readonly ends: readonly [number, number];
  readonly proxy: FaultProxy;
  readonly isUp: () => boolean;
}

const LOOK_MS = 5;

export class Links implements AsyncDisposable {
  readonly #links: Link[] = [];
  #parted: readonly Link[] = [];
  #looking: NodeJS.Timeout | undefined;
  #joinedMs: number | undefined;

  /** When a parted link stood again for the first time since the sides were healed. */
  get joinedMs(): number | undefined {
    return this.#joinedMs;
  }

  /** Has a member keep links to these. */
  async keep(index: number, network: Network, targets: readonly DialTarget[], latencyMs?: number): Promise<void> {
    const addresses: string[] = [];
    for (const target of targets) {
      if (latencyMs === undefined) addresses.push(...target.addresses);
      else addresses.push(await this.#delayed(index, network, target, latencyMs));
    }
    const kept = network.keepConnected(addresses);
    if (!kept.ok) throw new Error(kept.error.message);
  }

  /** Cuts the links between members of different sides, and refuses new ones until it is called with no sides. */
  part(sides: readonly number[] | undefined): void {
    clearInterval(this.#looking);
    this.#joinedMs = undefined;
    if (sides) {
      this.#parted = this.#links.filter(({ ends: [from, to] }) => sides[from] !== sides[to]);
      for (const { proxy } of this.#parted) {
        proxy.set({ refuse: true });
        proxy.cut();
      }
      return;
    }
    for (const { proxy } of this.#parted) proxy.set({ refuse: false });
    this.#looking = setInterval(() => {
      if (!this.#parted.some(({ isUp }) => isUp())) return;
      this.#joinedMs = Date.now();
      clearInterval(this.#looking);
    }, LOOK_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#looking);
    await Promise.all(this.#links.map(({ proxy }) => proxy[Symbol.asyncDispose]()));
  }

  async #delayed(index: number, network: Network, target: DialTarget, latencyMs: number): Promise<string> {
    const [address = ""] = target.addresses;
    const peer = address.slice(address.lastIndexOf("/") + 1);
    const proxy = await openFaultProxy({ target: address, scheduler: systemScheduler });
    proxy.set({ latencyMs });
    const isUp = (): boolean => network.stats().peers.some((stats) => stats.peer === peer);
    this.#links.push({ ends: [index, target.index], proxy, isUp });
    return proxy.address;
  }
}
