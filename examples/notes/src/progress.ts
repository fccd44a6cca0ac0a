/** Lines for people: on a terminal the last one is written over while work goes on; elsewhere each is a line. */

const PLAIN_INTERVAL_MS = 2000;
/** Of a terminal that does not say how wide it is. */
const WIDTH = 80;
const ERASE_LINE = "\r\x1b[2K";

export interface Progress {
  /** A line that stays. */
  say(line: string): void;
  /** How far things are: replaces the last such line on a terminal, and comes now and then elsewhere. */
  show(line: string): void;
}

export function createProgress(out: {
  readonly isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}): Progress {
  const isTerminal = out.isTTY === true;
  let isShowing = false;
  let shownMs = Number.NEGATIVE_INFINITY;
  return {
    say(line) {
      out.write(`${isShowing ? ERASE_LINE : ""}${line}\n`);
      isShowing = false;
    },
    show(line) {
      if (isTerminal) {
        out.write(`${ERASE_LINE}${line.slice(0, Math.max(20, (out.columns || WIDTH) - 1))}`);
        isShowing = true;
        return;
      }
      const now = performance.now();
      if (now - shownMs < PLAIN_INTERVAL_MS) return;
      shownMs = now;
      out.write(`${line}\n`);
    },
  };
}
