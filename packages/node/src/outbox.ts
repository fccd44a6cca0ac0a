/** Gathers messages and posts them as one array per turn: a post per message costs several times as much. */
export class MessageOutbox<M> {
  readonly #post: (messages: readonly M[]) => void;
  #waiting: M[] = [];

  constructor(post: (messages: readonly M[]) => void) {
    this.#post = post;
  }

  put(message: M): void {
    if (this.#waiting.push(message) === 1) queueMicrotask(() => this.flush());
  }

  /** Posts what waits now. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const messages = this.#waiting;
    this.#waiting = [];
    this.#post(messages);
  }
}
