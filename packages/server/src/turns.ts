/**
 * The order of a connection: what a client sends down one connection is begun in the order in which it was sent,
 * however many requests are under way (RFC 9112, 9.3.2: requests that are not safe are not served side by side).
 *
 * Invariant: `start` of a request runs only after every earlier request of its connection has been started or has
 * ended. Answers are waited for by nobody here: HTTP/1.1 sends them in the same order.
 */

/** A request's place among those of its connection. */
export interface Turn {
  /** Runs `start` when its turn has come; the next in line goes on as soon as `start` has returned its promise. */
  run<T>(start: () => Promise<T>): Promise<T>;
  /** Gives the turn up: the request has ended. */
  end(): void;
}

export class Turns {
  readonly #lastByConnection = new WeakMap<object, Promise<void>>();

  /** Takes the next place in line; to be called in the order of arrival. */
  take(connection: object): Turn {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const earlier = this.#lastByConnection.get(connection) ?? Promise.resolve();
    this.#lastByConnection.set(
      connection,
      earlier.then(() => ended),
    );
    return {
      async run(start) {
        await earlier;
        const running = start();
        end();
        return running;
      },
      end,
    };
  }
}
