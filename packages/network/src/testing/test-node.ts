/** A network that records its events, and waits for them with a deadline. */
import type { PeerId, TransportEvents } from "@dunlin/core/base";
import { type Network, type NetworkOptions, openNetwork } from "../network.ts";
import { seededRandom, systemScheduler } from "./ports.ts";

const SEED_BYTES = 32;
const DEADLINE_MS = 15_000;

export type TestEvent =
  | { readonly tag: "connect"; readonly peer: PeerId }
  | { readonly tag: "disconnect"; readonly peer: PeerId }
  | { readonly tag: "frame"; readonly peer: PeerId; readonly frame: Uint8Array };

export interface TestNode extends AsyncDisposable {
  readonly network: Network;
  readonly address: string;
  readonly events: readonly TestEvent[];
  /** The frames received, in order. */
  frames(): Uint8Array[];
  count(tag: TestEvent["tag"]): number;
  /** Resolves once it holds, looked at after each event; rejects after a deadline. */
  until(holds: () => boolean, what: string): Promise<void>;
}

export interface TestNodeOptions extends Partial<Omit<NetworkOptions, "seed">> {
  /** Makes the key and the randomness. */
  readonly number: number;
}

export async function openTestNode({ number, events: given, ...options }: TestNodeOptions): Promise<TestNode> {
  const recorded: TestEvent[] = [];
  const checks = new Set<() => void>();
  const record = (event: TestEvent): void => {
    recorded.push(event);
    for (const check of [...checks]) check();
  };
  const events: TransportEvents = {
    onConnect: (peer) => {
      given?.onConnect(peer);
      record({ tag: "connect", peer });
    },
    onDisconnect: (peer) => {
      given?.onDisconnect(peer);
      record({ tag: "disconnect", peer });
    },
    onFrame: (peer, frame) => {
      given?.onFrame(peer, frame);
      record({ tag: "frame", peer, frame });
    },
  };
  const seed = new Uint8Array(SEED_BYTES).fill(number);
  const network = await openNetwork({
    scheduler: systemScheduler,
    random: seededRandom(number),
    ...options,
    seed,
    events,
  });
  return {
    network,
    address: network.addresses()[0] ?? "",
    events: recorded,
    frames: () => recorded.flatMap((event) => (event.tag === "frame" ? [event.frame] : [])),
    count: (tag) => recorded.filter((event) => event.tag === tag).length,
    until: (holds, what) =>
      new Promise((resolve, reject) => {
        const settle = (finish: () => void): void => {
          clearTimeout(deadline);
          checks.delete(check);
          finish();
        };
        const check = (): void => {
          if (holds()) settle(resolve);
        };
        const fail = (): void => reject(new Error(`not within ${DEADLINE_MS} ms: ${what}`));
        const deadline = setTimeout(() => settle(fail), DEADLINE_MS);
        checks.add(check);
        check();
      }),
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}
