/** Waiting for a condition that is looked at again whenever something says that it may have changed. */

/** Resolves once `is` holds; rejects with the signal's reason. `follow` gives what ends the following. */
export function when(
  follow: (check: () => void) => () => void,
  is: () => boolean,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      stop();
      signal?.removeEventListener("abort", check);
      settle();
    };
    const check = (): void => {
      if (signal?.aborted) finish(() => reject(signal.reason));
      else if (is()) finish(resolve);
    };
    const stop = follow(check);
    signal?.addEventListener("abort", check);
    check();
  });
}
