/** Replicas of one text and the joins between them, delivered in causal order: for tests. */
import { idKey, type Prng } from "../../../base/index.ts";
import { type TextBlock, TextState } from "../text-state.ts";
import { ReferenceText } from "./reference-text.ts";

export interface Message {
  readonly actor: Uint8Array;
  readonly join: Uint8Array;
  /** How many messages of each replica the writer had seen. */
  readonly seen: readonly number[];
}

export class Replica {
  text: TextState = new TextState();
  readonly reference: ReferenceText = new ReferenceText();
  readonly actor: Uint8Array;
  readonly seen: number[];
  readonly #number: number;
  readonly #log: Message[];

  constructor(actor: Uint8Array, number: number, size: number, log: Message[]) {
    this.actor = actor;
    this.#number = number;
    this.#log = log;
    this.seen = Array.from({ length: size }, () => 0);
  }

  /** The joins it has published, in order. */
  get joins(): readonly Uint8Array[] {
    return this.#log.map((message) => message.join);
  }

  /** Publishes the local edits, when there are any. */
  commit(): void {
    const join = this.text.takeJoin();
    if (join === undefined) return;
    this.reference.apply(join, this.actor);
    this.seen[this.#number] = (this.seen[this.#number] as number) + 1;
    this.#log.push({ actor: this.actor, join, seen: [...this.seen] });
  }
}

export class Network {
  readonly replicas: readonly Replica[];
  readonly #logs: readonly Message[][];

  constructor(actors: readonly Uint8Array[]) {
    this.#logs = actors.map(() => []);
    this.replicas = actors.map((actor, i) => new Replica(actor, i, actors.length, this.#logs[i] as Message[]));
  }

  /** Delivers to `to` the next message of replica `from`; false when there is none, or one it needs is missing. */
  deliver(to: Replica, from: number): boolean {
    const at = to.seen[from] as number;
    const message = this.#logs[from]?.[at];
    if (message === undefined) return false;
    const isReady = message.seen.every((count, i) => (to.seen[i] as number) >= (i === from ? count - 1 : count));
    if (!isReady) return false;
    const applied = to.text.apply(message.join, message.actor);
    if (!applied.ok) throw new Error(applied.error.message);
    to.reference.apply(message.join, message.actor);
    to.seen[from] = at + 1;
    return true;
  }

  /** Delivers everything everywhere, in an order drawn from `prng`. */
  settle(prng: Prng): void {
    const pairs = this.replicas.flatMap((to) => this.replicas.map((_, from) => ({ to, from })));
    for (let idle = false; !idle; ) {
      idle = true;
      const start = prng.below(pairs.length);
      for (let i = 0; i < pairs.length; i++) {
        const { to, from } = pairs[(start + i) % pairs.length] as (typeof pairs)[number];
        for (let burst = 1 + prng.below(4); burst > 0 && this.deliver(to, from); burst--) idle = false;
      }
    }
  }
}

/** The state as one comparable value: the blocks ever written, by key. */
export class BlockStore {
  readonly #blocks = new Map<string, TextBlock>();

  collect(text: TextState): this {
    for (const block of text.takeDirty()) this.#blocks.set(`${idKey(block.actor)}/${block.block}`, block);
    return this;
  }

  blocks(): TextBlock[] {
    return [...this.#blocks.values()];
  }

  /** Equal for equal states. */
  fingerprint(): string {
    const lines = this.blocks().map((b) => `${b.actor.join()}/${b.block}: ${b.bytes.join()}`);
    return lines.sort().join("\n");
  }
}
