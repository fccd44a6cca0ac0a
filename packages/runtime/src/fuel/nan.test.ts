import { createPrng } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { wat } from "../testing/wat.ts";
import { FUEL_EXPORT, meterModule, STACK_EXPORT } from "./meter.ts";

type Bits = (...args: bigint[]) => bigint;

const UNARY = ["ceil", "floor", "trunc", "nearest", "sqrt"] as const;
const BINARY = ["add", "sub", "mul", "div", "min", "max"] as const;
const CANONICAL = 0x7ff8_0000_0000_0000n;
const CANONICAL_32 = 0x7fc0_0000n;

/** Bits of numbers, of infinities and of NaNs: quiet, signalling, of either sign, with and without a payload. */
const SAMPLES: readonly bigint[] = [
  ...[0, -0, 1, -1.5, 2.75, 1e300, -1e-300, 5e-324, Infinity, -Infinity].map(bitsOf),
  0x7ff8_0000_0000_0000n,
  0xfff8_0000_0000_0000n,
  0x7ff0_0000_0000_0001n,
  0xfff7_ffff_ffff_ffffn,
  0x7ff8_dead_beef_0001n,
];

function bitsOf(value: number): bigint {
  return new BigUint64Array(new Float64Array([value]).buffer)[0] as bigint;
}

function numberOf(bits: bigint): number {
  return new Float64Array(new BigUint64Array([bits]).buffer)[0] as number;
}

/** Functions from bits to bits: each takes and gives f64 as i64, and has what the pass adds. */
function functionsOf(text: string): Record<string, Bits> {
  const metered = meterModule(wat(text));
  if (!metered.ok) throw new Error(metered.error.message);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered.value.bytes), {});
  for (const name of [FUEL_EXPORT, STACK_EXPORT]) (exports[name] as WebAssembly.Global).value = 1n << 40n;
  const entries = Object.entries(exports).filter(([, value]) => typeof value === "function") as [string, Bits][];
  return Object.fromEntries(
    entries.map(([name, run]) => [name, (...args: bigint[]) => BigInt.asUintN(64, run(...args))]),
  );
}

const FROM = (index: number): string => `(f64.reinterpret_i64 (local.get ${index}))`;
const F32 = (index: number): string => `(f32.reinterpret_i32 (i32.wrap_i64 (local.get ${index})))`;

const OPERATIONS = functionsOf(`(module (memory 1)
  ${UNARY.map(
    (op) => `(func (export "${op}") (param i64) (result i64) (i64.reinterpret_f64 (f64.${op} ${FROM(0)})))
    (func (export "${op}32") (param i64) (result i64)
      (i64.extend_i32_u (i32.reinterpret_f32 (f32.${op} ${F32(0)}))))`,
  ).join("\n")}
  ${BINARY.map(
    (op) => `(func (export "${op}") (param i64 i64) (result i64)
      (i64.reinterpret_f64 (f64.${op} ${FROM(0)} ${FROM(1)})))
    (func (export "${op}32") (param i64 i64) (result i64)
      (i64.extend_i32_u (i32.reinterpret_f32 (f32.${op} ${F32(0)} ${F32(1)}))))`,
  ).join("\n")}
  (func (export "stored") (param i64 i64) (result i64)
    (f64.store (i32.const 8) (f64.div ${FROM(0)} ${FROM(1)})) (i64.load (i32.const 8)))
  (func (export "signed") (param i64 i64) (result i64)
    (i64.reinterpret_f64 (f64.copysign (f64.const 1) (f64.sub ${FROM(0)} ${FROM(1)}))))
  (func (export "chained") (param i64 i64) (result i64)
    (i64.reinterpret_f64 (f64.sqrt (f64.add ${FROM(0)} (f64.mul ${FROM(0)} ${FROM(1)})))))
  (func (export "demoted") (param i64) (result i64)
    (i64.extend_i32_u (i32.reinterpret_f32 (f32.demote_f64 ${FROM(0)}))))
  (func (export "promoted") (param i64) (result i64) (i64.reinterpret_f64 (f64.promote_f32 ${F32(0)})))
  (func (export "compared") (param i64 i64) (result i64)
    (i64.extend_i32_u (f64.lt (f64.div ${FROM(0)} ${FROM(1)}) (f64.const 1))))
  (func (export "saturated") (param i64 i64) (result i64) (i64.trunc_sat_f64_s (f64.div ${FROM(0)} ${FROM(1)})))
  (func (export "moved") (param i64) (result i64) (local f64)
    (f64.store (i32.const 0) (f64.reinterpret_i64 (local.get 0)))
    (local.set 1 (f64.neg (f64.neg (f64.load (i32.const 0)))))
    (i64.reinterpret_f64 (select (local.get 1) (f64.const 0) (i32.const 1)))))`);

function call(name: string, ...args: bigint[]): bigint {
  return (OPERATIONS[name] as Bits)(...args);
}

describe("NaNs of metered modules", () => {
  it("are the canonical one after every operation, whatever went in; numbers are what they were", () => {
    const expected: Readonly<Record<string, (a: number, b: number) => number>> = {
      add: (a, b) => a + b,
      sub: (a, b) => a - b,
      mul: (a, b) => a * b,
      div: (a, b) => a / b,
      min: Math.min,
      max: Math.max,
      ceil: Math.ceil,
      floor: Math.floor,
      trunc: Math.trunc,
      sqrt: Math.sqrt,
    };
    let nans = 0;
    for (const [name, compute] of Object.entries(expected)) {
      for (const a of SAMPLES) {
        for (const b of SAMPLES) {
          const value = compute(numberOf(a), numberOf(b));
          if (Number.isNaN(value)) nans++;
          expect(call(name, a, b), `${name} ${a} ${b}`).toBe(Number.isNaN(value) ? CANONICAL : bitsOf(value));
        }
      }
    }
    expect(nans).toBeGreaterThan(500);
  });

  it("are canonical in 32 bits, and through conversions", () => {
    const nan32 = [0x7f80_0001n, 0xffc0_0000n, 0xffff_ffffn, 0x7fc0_1234n];
    for (const bits of nan32) {
      for (const name of [...UNARY, ...BINARY]) expect(call(`${name}32`, bits, 0x3f80_0000n)).toBe(CANONICAL_32);
      expect(call("promoted", bits)).toBe(CANONICAL);
    }
    expect(call("nearest", 0xfff8_0000_0000_0001n)).toBe(CANONICAL);
    for (const bits of SAMPLES.filter((sample) => Number.isNaN(numberOf(sample)))) {
      expect(call("demoted", bits)).toBe(CANONICAL_32);
    }
    expect(call("div32", 0n, 0n)).toBe(CANONICAL_32);
  });

  it("show the same in memory, by their sign, and at the end of a chain", () => {
    const [zero, inf, one] = [bitsOf(0), bitsOf(Infinity), bitsOf(1)];
    expect(call("stored", zero, zero)).toBe(CANONICAL);
    expect(call("signed", inf, inf)).toBe(one);
    expect(call("chained", inf, zero)).toBe(CANONICAL);
    expect(call("chained", bitsOf(-2), one)).toBe(CANONICAL);
    expect(call("compared", zero, zero)).toBe(0n);
    expect(call("saturated", zero, zero)).toBe(0n);
    expect(call("chained", bitsOf(4), bitsOf(3))).toBe(bitsOf(4));
  });

  it("that are only moved keep every bit", () => {
    const prng = createPrng(20261201);
    for (let i = 0; i < 200; i++) {
      const payload = (BigInt(prng.below(2 ** 32)) << 19n) | BigInt(1 + prng.below(2 ** 18));
      const bits = (prng.chance(0.5) ? 0xfff0n : 0x7ff0n) * 0x1_0000_0000_0000n + (payload & 0xf_ffff_ffff_ffffn);
      expect(call("moved", bits)).toBe(bits);
    }
  });
});
