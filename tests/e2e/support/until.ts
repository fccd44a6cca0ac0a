/** Waiting for what is to come: looked at again and again until it holds, with a deadline, never for a fixed time. */

const POLL_MS = 25;
const DEADLINE_MS = 20_000;

/** The first value that is not undefined or false; throws after the deadline with what was seen last. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined | false> | T | undefined | false,
  options: { readonly deadlineMs?: number; readonly seen?: () => unknown } = {},
): Promise<T> {
  const { deadlineMs = DEADLINE_MS, seen } = options;
  const end = performance.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) {
      const last = seen === undefined ? "" : `: ${JSON.stringify(seen())}`;
      throw new Error(`not within ${deadlineMs} ms: ${what}${last}`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
