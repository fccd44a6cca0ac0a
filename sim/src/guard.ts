/**
 * Nothing in a run may look at the real clock or draw real randomness: while it lasts, whatever does so throws, so that
 * a dependency that cheats fails too. For the command line alone: a test runner lives in the same process.
 */
type Globals = Record<string, unknown>;

const FORBIDDEN: readonly (readonly [holder: object, name: string])[] = [
  [Date, "now"],
  [Math, "random"],
  [performance, "now"],
  [crypto, "getRandomValues"],
  [crypto, "randomUUID"],
  [globalThis, "setTimeout"],
  [globalThis, "setInterval"],
  [globalThis, "setImmediate"],
];

/** Gives back what takes the guard off again. */
export function forbidRealWorld(): () => void {
  const originals = FORBIDDEN.map(([holder, name]) => Object.getOwnPropertyDescriptor(holder, name));
  for (const [holder, name] of FORBIDDEN) {
    const refuse = (): never => {
      throw new Error(`${name} was called in a simulated run`);
    };
    Object.defineProperty(holder, name, { configurable: true, writable: true, value: refuse });
  }
  return () => {
    for (const [i, [holder, name]] of FORBIDDEN.entries()) {
      const original = originals[i];
      if (original) Object.defineProperty(holder, name, original);
      else delete (holder as Globals)[name];
    }
  };
}
