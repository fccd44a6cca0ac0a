/**
 * What metering costs compiled code: the same functions of one module, as it is and after the pass, in turns.
 *
 * `fib` calls itself, `sum` is a loop of four instructions, `hash` a loop over bytes of memory.
 */
import { meterModule } from "@dunlin/runtime";
import { check, keep } from "../measure.ts";
import { compare, type Suite } from "../suite.ts";

/** (module (memory 1) (func fib) (func sum) (func hash)): each takes and gives an i32. */
const MODULE = Buffer.from(
  "AGFzbQEAAAABBgFgAX8BfwMEAwAAAAUDAQABBx0EBm1lbW9yeQIAA2ZpYgAAA3N1bQABBGhhc2gAAgqDAQMcACAAQQJJBEAgAA8LIABBAWsQACAAQQJrEABqCx4BAX8DQCABIABBueAAc2ohASAAQQFrIgANAAsgAQtFAQJ/A0BBACECA0AgAiACLQAAIAFqOgAAIAEgAi0ACHNBk4OACGwhASACQQFqIQIgAkGAIEkNAAsgAEEBayIADQALIAEL",
  "base64",
);

const WORKS = [
  { name: "fib", argument: 25, target: { atMost: 1.5 } },
  { name: "sum", argument: 1_000_000, target: { atMost: 1.1 } },
  { name: "hash", argument: 250, target: { atMost: 1.1 } },
] as const;

type Exports = Readonly<Record<string, (argument: number) => number>>;

export const fuel: Suite = {
  name: "fuel",
  about: "calls and loops of compiled code, metered, against the same unmetered",
  run: (sampling) => {
    const metered = meterModule(new Uint8Array(MODULE));
    if (!metered.ok) throw new Error(metered.error.message);
    const before = instantiate(new Uint8Array(MODULE));
    const after = instantiate(metered.value.bytes);
    const counters = ["dunlin:fuel", "dunlin:stack"].map((name) => after[name] as unknown as { value: bigint });
    return WORKS.map(({ name, argument, target }) => {
      const reference = { name, prepare: () => () => keep(before[name]?.(argument)) };
      const subject = {
        name: `${name}(${argument})`,
        prepare: () => () => {
          for (const counter of counters) counter.value = 2n ** 60n;
          keep(after[name]?.(argument));
        },
        verify: () => check(before[name]?.(argument) === after[name]?.(argument), "metered code computes the same"),
      };
      return compare("fuel", { subject, reference, referenceName: "unmetered", target }, sampling);
    });
  },
};

function instantiate(bytes: Uint8Array): Exports {
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports as unknown as Exports;
}
