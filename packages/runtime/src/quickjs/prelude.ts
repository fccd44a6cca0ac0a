/**
 * What runs in the guest before the application: it makes the operations out of the one host function, shuts what
 * would differ between machines, and hands the engine its ways in. Its text is evaluated in the guest, so it stands
 * alone: it uses nothing of this module.
 */

interface GuestApplication {
  describe(): string;
  /** The value that JSON text says, in the form of core's `json.ts`. */
  decode(text: string): unknown;
  invoke(method: string, args: string, caller: string, now: number): string | undefined;
}

/** The engine's ways into the guest. */
export interface GuestEntry {
  describe(): string;
  invoke(method: string, args: string, caller: string, now: number): string | undefined;
  /** Throws on behalf of an operation. */
  fail(code: string, message: string): never;
  decode(text: string): unknown;
}

function prelude(host: (...args: unknown[]) => unknown, operations: string): GuestEntry {
  const api: Record<string, unknown> = {};
  for (const [index, name] of operations.split(" ").entries()) api[name] = host.bind(undefined, index);
  let application: GuestApplication | undefined;
  api["serve"] = (served: GuestApplication) => {
    if (application !== undefined) throw new Error("an application is served once");
    if (
      ["invoke", "describe", "decode"].some((name) => typeof served?.[name as keyof GuestApplication] !== "function")
    ) {
      throw new Error("the default export is not an application: export default app({ ... })");
    }
    application = served;
  };
  Object.defineProperty(globalThis, "__dunlin", { value: Object.freeze(api) });
  Object.defineProperty(Math, "random", { value: api["random"], writable: true, configurable: true });
  Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
  const served = (): GuestApplication => {
    if (application === undefined) throw new Error("the bundle serves no application");
    return application;
  };
  return {
    describe: () => served().describe(),
    invoke: (method, args, caller, now) => served().invoke(method, args, caller, now),
    fail: (code, message) => {
      throw Object.assign(new Error(message), { code });
    },
    decode: (text) => served().decode(text),
  };
}

/** A script whose value is the function `prelude`. */
export const PRELUDE_SOURCE: string = `"use strict"; (${prelude.toString()})`;
/** The file that stack frames of the prelude name. */
export const PRELUDE_FILE = "dunlin:prelude";
