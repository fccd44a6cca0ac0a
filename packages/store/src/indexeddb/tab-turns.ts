/**
 * Turns among the tabs that have one store open: one Web Lock, held by the tab that writes.
 *
 * A tab that has written keeps the lock a little longer, so that one tab alone pays for it once and not at each write;
 * it gives it up at once when another says on the channel that it waits, as soon as nothing of its own is under way.
 * What is begun after that waits for the next turn: a busy tab does not starve the others. A tab that ends or crashes
 * gives the lock up, since the browser takes it back.
 */
import type { Turns } from "@dunlin/core/base";
import { TURN_KEPT_MS } from "./limits.ts";

type Message = "waiting" | "committed";
type State = "away" | "asking" | "mine" | "leaving";

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export interface TabTurnsOptions {
  /** Of this store, on this origin. */
  readonly name: string;
  /** Takes in what other tabs committed. */
  readonly refresh: () => Promise<unknown>;
}

export class TabTurns implements Turns {
  readonly #name: string;
  readonly #refresh: () => Promise<unknown>;
  readonly #channel: BroadcastChannel;
  readonly #listeners = new Set<() => void>();
  readonly #closed = new AbortController();
  #state: State = "away";
  /** Entered and not left. */
  #users = 0;
  #waiters: Waiter[] = [];
  #isWanted = false;
  #release = (): void => {};
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ name, refresh }: TabTurnsOptions) {
    this.#name = name;
    this.#refresh = refresh;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Message>) => this.#onMessage(data);
  }

  enter(): Promise<void> {
    this.#closed.signal.throwIfAborted();
    if (this.#state === "mine" && !this.#isWanted) {
      this.#use();
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      if (this.#state === "away") this.#ask();
    });
  }

  leave(): void {
    this.#users--;
    if (this.#users > 0) return;
    if (this.#isWanted) this.#end();
    else this.#timer = setTimeout(() => this.#end(), TURN_KEPT_MS);
  }

  onNews(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The store shows what others committed. */
  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** This tab has committed: the others shall look. */
  announce(): void {
    this.#post("committed");
  }

  /** Ends the turn; whoever waits for one is refused. */
  close(reason: unknown): void {
    this.#closed.abort(reason);
    for (const { reject } of this.#waiters.splice(0)) reject(reason);
    this.#end();
    this.#channel.close();
  }

  #use(): void {
    clearTimeout(this.#timer);
    this.#users++;
  }

  #ask(): void {
    this.#state = "asking";
    this.#post("waiting");
    const hold = async (): Promise<void> => {
      const held = new Promise<void>((resolve) => {
        this.#release = resolve;
      });
      await this.#refresh();
      this.#begin();
      await held;
    };
    navigator.locks.request(this.#name, { signal: this.#closed.signal }, hold).then(
      () => this.#onReleased(),
      (reason) => {
        for (const { reject } of this.#waiters.splice(0)) reject(reason);
        this.#onReleased();
      },
    );
  }

  #begin(): void {
    this.#state = "mine";
    this.#isWanted = false;
    const waiters = this.#waiters.splice(0);
    for (const { resolve } of waiters) {
      this.#use();
      resolve();
    }
    // Others may have asked before this tab could hear of it.
    void navigator.locks.query().then(({ pending = [] }) => {
      if (pending.some(({ name }) => name === this.#name)) this.#onMessage("waiting");
    });
    if (waiters.length === 0) this.#end();
  }

  #end(): void {
    clearTimeout(this.#timer);
    if (this.#state !== "mine") return;
    this.#state = "leaving";
    this.#release();
  }

  /** What was begun when the turn was wanted elsewhere asks for the next one. */
  #onReleased(): void {
    this.#state = "away";
    if (this.#waiters.length > 0 && !this.#closed.signal.aborted) this.#ask();
  }

  #onMessage(message: Message): void {
    if (message === "waiting") {
      this.#isWanted = true;
      if (this.#users === 0) this.#end();
    } else if (message === "committed" && this.#state === "away") {
      // A failure comes out at the next use of the store.
      this.#refresh().catch(() => {});
    }
  }

  #post(message: Message): void {
    if (!this.#closed.signal.aborted) this.#channel.postMessage(message);
  }
}
