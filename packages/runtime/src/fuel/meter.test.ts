import { createPrng } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { fuzzInputs, mutate } from "../../../../tools/fuzz.ts";
import { wat } from "../testing/wat.ts";
import { GLOBALS_MAX, MEMORY_PAGES_MAX, MODULE_BYTES_MAX, TABLE_ELEMENTS_MAX, TABLES_MAX } from "./limits.ts";
import { FUEL_EXPORT, type MeteredModule, meterModule, STACK_EXPORT } from "./meter.ts";

type Exports = Record<string, (...args: unknown[]) => unknown>;

const FUEL = 1_000_000n;
const STACK = 256n * 1024n;

const FIB = `(module (func $fib (export "fib") (param i32) (result i32)
  (if (i32.lt_u (local.get 0) (i32.const 2)) (then (return (local.get 0))))
  (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2))))))`;

/** Loops in loops, a switch in a loop, several results, branches out of both, memory, globals and tables. */
const MIXED = `(module
  (type $op (func (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "seed")
  (global $g (mut i32) (i32.const 7))
  (global $h (export "h") (mut f64) (f64.const 1.5))
  (table 3 funcref)
  (elem (i32.const 0) $double $inc)
  (func $double (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $inc (param i32) (result i32) (i32.add (local.get 0) (global.get $g)))
  (func (export "switch") (param $n i32) (param $seed i32) (result i32) (local $sum i32) (local $i i32)
    (block $out
      (loop $next
        (br_if $out (i32.ge_u (local.get $i) (local.get $n)))
        (block $c (block $b (block $a
          (br_table $a $b $c (i32.and (i32.add (local.get $i) (local.get $seed)) (i32.const 3))))
            (local.set $sum (i32.add (local.get $sum) (i32.const 3))) (br $c))
          (loop $inner
            (local.set $sum (i32.add (local.get $sum) (i32.const 5)))
            (br_if $out (i32.eq (local.get $sum) (i32.const 77)))
            (br_if $inner (i32.and (local.get $sum) (i32.const 1)))))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $next)))
    (local.get $sum))
  (func $pair (export "pair") (param i32) (result i32 i32)
    (if (i32.eqz (local.get 0)) (then (return (i32.const 1) (i32.const 2))))
    (i32.const 3) (call $double (local.get 0)))
  (func (export "sum") (param i32) (result i32) (call $pair (local.get 0)) (i32.add))
  (func (export "indirect") (param i32 i32) (result i32)
    (call_indirect (type $op) (local.get 0) (local.get 1)))
  (func (export "fill") (param i32) (result i32)
    (memory.fill (i32.const 100) (i32.const 9) (local.get 0))
    (memory.copy (i32.const 8) (i32.const 100) (i32.const 2))
    (i32.load (i32.const 8)))
  (func (export "next") (result i32) (global.set $g (i32.add (global.get $g) (i32.const 1))) (global.get $g)))`;

function metered(bytes: Uint8Array): MeteredModule {
  const result = meterModule(bytes);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

interface Running {
  readonly call: (name: string, ...args: unknown[]) => unknown;
  readonly spent: () => bigint;
  readonly stackLeft: () => bigint;
}

function run(module: MeteredModule, fuel: bigint = FUEL, stack: bigint = STACK): Running {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes), {});
  const fuelLeft = exports[FUEL_EXPORT] as WebAssembly.Global;
  const stackLeft = exports[STACK_EXPORT] as WebAssembly.Global;
  const call = (name: string, ...args: unknown[]): unknown => {
    fuelLeft.value = fuel;
    stackLeft.value = stack;
    return (exports as Exports)[name]?.(...args);
  };
  return { call, spent: () => fuel - (fuelLeft.value as bigint), stackLeft: () => stackLeft.value as bigint };
}

function refusal(bytes: Uint8Array): string {
  const result = meterModule(bytes);
  return result.ok ? "accepted" : `${result.error.code}: ${result.error.message}`;
}

describe("a metered module", () => {
  it("computes what it did before", () => {
    const before = new WebAssembly.Instance(new WebAssembly.Module(wat(MIXED)), {}).exports as unknown as Exports;
    const after = run(metered(wat(MIXED)));
    const calls: [string, ...number[]][] = [];
    for (let seed = 0; seed < 4; seed++) for (const n of [0, 1, 7, 40]) calls.push(["switch", n, seed]);
    for (const n of [0, 1, 9]) calls.push(["pair", n], ["sum", n], ["fill", n], ["next"]);
    calls.push(["indirect", 21, 0], ["indirect", 21, 1]);
    for (const [name, ...args] of calls) {
      expect(after.call(name, ...args), `${name}(${args})`).toEqual(before[name]?.(...args));
      expect(after.spent()).toBeGreaterThan(0n);
      expect(after.stackLeft(), `the stack is even after ${name}`).toBe(STACK);
    }
    expect(() => after.call("indirect", 1, 2)).toThrow(WebAssembly.RuntimeError);
  });

  it("is the same bytes for the same module", () => {
    expect(metered(wat(MIXED)).bytes).toEqual(metered(wat(MIXED)).bytes);
  });

  it("pays for each turn of a loop by the longest way through it", () => {
    const loop = (body: string): Running =>
      run(
        metered(
          wat(`(module (func (export "f") (param i32)
        (loop $l ${body}
          (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`),
        ),
      );
    const perTurn = (body: string): bigint => {
      const { call, spent } = loop(body);
      call("f", 10);
      const ten = spent();
      call("f", 11);
      return spent() - ten;
    };
    const plain = perTurn("");
    const arm = "(drop (i32.const 1)) ".repeat(20);
    expect(perTurn(arm) - plain).toBe(40n);
    expect(perTurn(`(if (local.get 0) (then ${arm}) (else ${arm}))`) - plain).toBeLessThan(50n);
    expect(perTurn(`(block (br 0) ${arm})`) - plain).toBeLessThan(5n);
  });

  it("stops an endless loop when its fuel is spent, and goes on with more", () => {
    const { call, spent } = run(metered(wat('(module (func (export "f") (loop $l (br $l))) (func (export "g")))')));
    expect(() => call("f")).toThrow(WebAssembly.RuntimeError);
    expect(spent()).toBeGreaterThan(FUEL);
    expect(call("g")).toBeUndefined();
  });

  it("stops endless recursion at the same depth each time, whether direct, mutual or indirect", () => {
    const module = metered(
      wat(`(module (type $t (func)) (table 1 funcref) (elem (i32.const 0) $c)
      (global $n (export "n") (mut i32) (i32.const 0))
      (func $count (global.set $n (i32.add (global.get $n) (i32.const 1))))
      (func $a (export "a") (call $count) (call $b)) (func $b (call $count) (call $a))
      (func $c (export "c") (call $count) (call_indirect (type $t) (i32.const 0))))`),
    );
    for (const name of ["a", "c"]) {
      const depths = [1, 2].map(() => {
        const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module.bytes), {});
        (exports[FUEL_EXPORT] as WebAssembly.Global).value = FUEL;
        (exports[STACK_EXPORT] as WebAssembly.Global).value = STACK;
        expect(() => (exports as unknown as Exports)[name]?.()).toThrow("unreachable");
        expect((exports[STACK_EXPORT] as WebAssembly.Global).value).toBeLessThan(0n);
        return (exports["n"] as WebAssembly.Global).value;
      });
      expect(depths[0]).toBe(depths[1]);
      expect(depths[0]).toBeGreaterThan(1000);
    }
  });

  it("counts a large frame that calls nothing", () => {
    const locals = "(local i64) ".repeat(40_000);
    const { call, stackLeft } = run(metered(wat(`(module (func (export "f") ${locals}))`)));
    expect(() => call("f")).toThrow(WebAssembly.RuntimeError);
    expect(stackLeft()).toBeLessThan(0n);
  });

  it("pays for the length of a block of memory", () => {
    const { call, spent } = run(metered(wat(MIXED)));
    call("fill", 16);
    const short = spent();
    call("fill", 16 + 16_000);
    expect(spent() - short).toBe(1000n);
    expect(() => run(metered(wat(MIXED)), 2000n).call("fill", 60_000)).toThrow("unreachable");
  });

  it("exports what can be set, and says when an instance cannot be put back", () => {
    expect(metered(wat(MIXED)).mutableGlobals).toEqual(["dunlin:global:0", "dunlin:global:1"]);
    expect(metered(wat(MIXED)).isReusable).toBe(true);
    const changing = ["(table.set 0 (i32.const 0) (ref.null func))", "(elem.drop 0)", "(data.drop 0)"];
    for (const instruction of changing) {
      const text = `(module (memory 1) (data "x") (table 1 funcref) (elem func) (func ${instruction}))`;
      expect(metered(wat(text)).isReusable, instruction).toBe(false);
    }
  });

  it("has its memory and tables bounded", () => {
    const { call } = run(
      metered(
        wat(`(module (memory 1) (table 1 funcref)
        (func (export "memory") (param i32) (result i32) (memory.grow (local.get 0)))
        (func (export "table") (param i32) (result i32) (table.grow (ref.null func) (local.get 0))))`),
      ),
    );
    expect(call("memory", MEMORY_PAGES_MAX)).toBe(-1);
    expect(call("memory", MEMORY_PAGES_MAX - 1)).toBe(1);
    expect(call("table", TABLE_ELEMENTS_MAX)).toBe(-1);
    expect(call("table", TABLE_ELEMENTS_MAX - 1)).toBe(1);
  });
});

describe("what is refused", () => {
  it.each([
    ["MODULE_MALFORMED", "no WebAssembly module", new TextEncoder().encode("no module")],
    ["MODULE_TOO_LARGE", "bytes", new Uint8Array(MODULE_BYTES_MAX + 1)],
    ["MODULE_TOO_LARGE", "pages", wat(`(module (memory ${MEMORY_PAGES_MAX + 1}))`)],
    ["MODULE_TOO_LARGE", "elements", wat(`(module (table ${TABLE_ELEMENTS_MAX + 1} funcref))`)],
    ["MODULE_UNSUPPORTED", "tables", wat(`(module ${"(table 1 funcref)".repeat(TABLES_MAX + 1)})`)],
    ["MODULE_UNSUPPORTED", "globals", wat(`(module ${"(global i32 (i32.const 0))".repeat(GLOBALS_MAX + 1)})`)],
    ["MODULE_UNSUPPORTED", "no function", wat('(module (import "env" "memory" (memory 1)))')],
    ["MODULE_UNSUPPORTED", "dunlin:", wat('(module (func (export "dunlin:fuel")))')],
    ["MODULE_UNSUPPORTED", "instruction", wat("(module (func (drop (v128.const i32x4 0 0 0 0))))")],
  ])("%s: %s", (code, word, bytes) => {
    expect(refusal(bytes)).toContain(code);
    expect(refusal(bytes)).toContain(word);
  });

  it("refuses a module that was metered already", () => {
    expect(refusal(metered(wat(FIB)).bytes)).toContain("MODULE_UNSUPPORTED");
  });
});

describe("mutated modules", () => {
  it("are refused, or validate and give the same results, or the same trap", () => {
    const prng = createPrng(20261130);
    const corpus = [wat(FIB), wat(MIXED)];
    let accepted = 0;
    let compared = 0;
    for (let i = 0; i < Math.min(fuzzInputs(), 200_000) / 2; i++) {
      const bytes = mutate(prng, corpus);
      const result = meterModule(bytes);
      if (!result.ok) continue;
      accepted++;
      expect(WebAssembly.validate(result.value.bytes)).toBe(true);
      if (result.value.imports.length > 0) continue;
      compared += compare(bytes, result.value);
    }
    expect(accepted).toBeGreaterThan(100);
    expect(compared).toBeGreaterThan(100);
  });
});

/** Runs each export before and after; the number of results that were compared. */
function compare(bytes: Uint8Array, module: MeteredModule): number {
  let after: Running;
  try {
    after = run(module, 20_000n);
  } catch {
    expect(() => new WebAssembly.Instance(new WebAssembly.Module(bytes), {})).toThrow();
    return 0;
  }
  let compared = 0;
  const before = new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports as unknown as Exports;
  for (const [name, { params }] of module.functions) {
    if (params.some((type) => type !== "i32")) continue;
    const args = params.map((_, index) => index + 5);
    let result: unknown;
    try {
      result = after.call(name, ...args);
    } catch {
      // Out of fuel or a trap of its own: the rest of the instance's state is no longer comparable.
      return compared;
    }
    expect(before[name]?.(...args)).toEqual(result);
    compared++;
  }
  return compared;
}
