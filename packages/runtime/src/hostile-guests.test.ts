/** What an application may try, one row each, in both kinds of engine: a coded end, no effect, and the next call as ever. */
import { createPrng, must } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { fuzzInputs } from "../../../tools/fuzz.ts";
import { createGuestEngine, type GuestEngine } from "./calimero/guest-engine.ts";
import { signatureOf } from "./calimero/host-function.ts";
import { HOST_FUNCTIONS } from "./calimero/imports.ts";
import { guestLimits } from "./calimero/limit-changes.ts";
import { createEngine, type Engine } from "./engine.ts";
import { dumpState } from "./state-dump.ts";
import { answer, engineOf, failureOf, HOSTILE_PATH, request } from "./testing/fixtures.ts";
import { GuestScript } from "./testing/guest-script.ts";
import { failureType, guestHost, guestRequest } from "./testing/guest-worlds.ts";
import { TestState } from "./testing/test-state.ts";
import { wat } from "./testing/wat.ts";

function guestOf(text: string): GuestEngine {
  const made = createGuestEngine(wat(text), createCrypto());
  return must(made.ok ? made.value : undefined, made.ok ? "" : made.error.message);
}

describe("a WebAssembly application", () => {
  const engine = guestOf(`(module
    (import "env" "storage_write" (func $storage_write (param i64 i64 i64) (result i32)))
    (import "env" "emit" (func $emit (param i64)))
    (import "env" "log_utf8" (func $log (param i64)))
    (import "env" "value_return" (func $value_return (param i64)))
    (import "env" "xcall" (func $xcall (param i64)))
    (memory (export "memory") 2)
    (table 4 funcref)
    (elem (i32.const 0) $typed)
    (type $none (func))
    (data (i32.const 0) "k\\ff\\fe")
    ;; 16: one byte   32: bad UTF-8   48: an event or a cross-call of nothing   112: a long line   128: all memory   144: a bad return
    (data (i32.const 16) "\\00\\00\\00\\00\\00\\00\\00\\00\\01")
    (data (i32.const 32) "\\01\\00\\00\\00\\00\\00\\00\\00\\02")
    (data (i32.const 112) "\\00\\00\\00\\00\\00\\00\\00\\00\\01\\40")
    (data (i32.const 128) "\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\02")
    (data (i32.const 144) "\\00\\00\\00\\00\\00\\00\\00\\00\\ff\\ff\\ff\\ff\\00\\00\\00\\00\\ff\\ff\\ff\\ff\\00\\00\\00\\00")
    (func $typed (param i32) (result i32) (local.get 0))
    (func $write (drop (call $storage_write (i64.const 16) (i64.const 16) (i64.const 0))))
    (func (export "fine") (call $write))
    (func (export "spin") (call $write) (loop $again (br $again)))
    (func $deep (call $deep))
    (func (export "recurse") (call $write) (call $deep))
    (func (export "hoard") (call $write)
      (loop $again (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable)
    (func (export "grow_at_once") (call $write) (drop (memory.grow (i32.const 65535)))
      (i32.store (i32.const 0x7fffffff) (i32.const 1)))
    (func (export "tell_10000") (local $i i32) (call $write)
      (loop $again (call $emit (i64.const 48))
        (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000)))))
    (func (export "log_for_ever") (call $write) (loop $again (call $log (i64.const 16)) (br $again)))
    (func (export "log_long") (call $write) (call $log (i64.const 112)))
    (func (export "log_bad_utf8") (call $write) (call $log (i64.const 32)))
    (func (export "return_wild") (call $write) (call $value_return (i64.const 144)))
    (func (export "call_others_for_ever") (call $write) (loop $again (call $xcall (i64.const 128)) (br $again)))
    (func (export "divide") (call $write) (drop (i32.div_u (i32.const 1) (i32.const 0))))
    (func (export "call_null") (call $write) (call_indirect (type $none) (i32.const 1)))
    (func (export "call_outside") (call $write) (call_indirect (type $none) (i32.const 9)))
    (func (export "call_of_another_type") (call $write) (call_indirect (type $none) (i32.const 0)))
    (func (export "no_method") (param i32) (result i32) (local.get 0)))`);

  it.each([
    ["spin", "FUEL_LIMIT", "OutOfFuel"],
    ["recurse", "STACK_LIMIT", "StackOverflow"],
    ["hoard", "GUEST_TRAP", "Unreachable"],
    ["grow_at_once", "GUEST_TRAP", "MemoryOutOfBounds"],
    ["tell_10000", "LIMIT_EXCEEDED", "EventsOverflow"],
    ["log_for_ever", "LIMIT_EXCEEDED", "LogsOverflow"],
    ["log_long", "LIMIT_EXCEEDED", "LogLengthOverflow"],
    ["log_bad_utf8", "GUEST_TRAP", "BadUTF8"],
    ["return_wild", "GUEST_TRAP", "InvalidMemoryAccess"],
    ["call_others_for_ever", "GUEST_TRAP", "InvalidMemoryAccess"],
    ["divide", "GUEST_TRAP", "IllegalArithmetic"],
    ["call_null", "GUEST_TRAP", "IndirectCallToNull"],
    ["call_outside", "GUEST_TRAP", "TableAccessOutOfBounds"],
    // V8 has one message for both.
    ["call_of_another_type", "GUEST_TRAP", "IndirectCallToNull"],
    ["no_method", "METHOD_NOT_FOUND", "InvalidSignature"],
    ["nowhere", "METHOD_NOT_FOUND", "MethodNotFound"],
    ["", "METHOD_NOT_FOUND", "EmptyMethodName"],
    ["too long a name", "METHOD_NOT_FOUND", "MethodNameTooLong"],
    ["a b", "METHOD_NOT_FOUND", "InvalidMethodNameCharacter"],
    ["fine;", "METHOD_NOT_FOUND", "InvalidMethodNameCharacter"],
  ])("%s ends with %s, %s, and the next call works", (name, code, type) => {
    const method = name === "too long a name" ? "x".repeat(257) : name;
    const failed = engine.call(guestRequest(method), guestHost(), guestLimits({ fuel: 20_000_000 }));
    expect([failed.ok || failed.error.code, failureType(failed), "writes" in failed]).toEqual([code, type, false]);
    expect(must(failed.ok ? undefined : failed.error, "it fails").message).not.toBe("");
    const fine = engine.call(guestRequest("fine"), guestHost());
    expect(fine.ok && fine.writes).toHaveLength(1);
  });

  it("ends alike whatever pointers and lengths it names, also in the flat form of the ABI", () => {
    const prng = createPrng(20261201);
    const edges = [0n, 1n, 65_535n, 131_072n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n];
    const rounds = Math.max(4, Math.min(300, Math.floor(fuzzInputs() / 12_000)));
    for (const declared of HOST_FUNCTIONS) {
      const calls = Array.from({ length: rounds }, () => {
        const args = signatureOf(declared, "flat").params.map((type) => {
          const value = prng.chance(0.6) ? prng.pick(edges) : BigInt(prng.below(140_000));
          return type === "i32" ? Number(BigInt.asIntN(32, value)) : BigInt.asIntN(64, value);
        });
        return new GuestScript("flat").call(declared.name, ...args);
      });
      for (const script of calls) {
        const result = script.build().engine.call(guestRequest("run"), guestHost());
        if (!result.ok) expect(result.error.code).toMatch(/^(GUEST_TRAP|LIMIT_EXCEEDED|APPLICATION_ERROR|FUEL_LIMIT)$/);
      }
    }
  });
});

describe("a TypeScript application", () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await engineOf(HOSTILE_PATH);
  });

  it.each([
    ["10,000 events", "say", { times: 10_000, chars: 1 }, "LIMIT_EXCEEDED"],
    ["10,000 lines", "log", { lines: 10_000, chars: 1 }, "LIMIT_EXCEEDED"],
    ["a line of 10 MB", "log", { lines: 1, chars: 10_000_000 }, "APPLICATION_ERROR"],
    ["a handler of 10,000 characters", "sayTo", { handler: "x".repeat(10_000) }, "APPLICATION_ERROR"],
    ["a method of 10,000 characters", "x".repeat(10_000), {}, "METHOD_NOT_FOUND"],
    ["a method that every object has", "__proto__", {}, "METHOD_NOT_FOUND"],
    ["the migration, which it has not", "$migrate", {}, "METHOD_NOT_FOUND"],
    ["a write, and no end", "writeThenSpin", {}, "FUEL_LIMIT"],
  ])("%s: it ends with its code, and the state is untouched", (_, method, args, code) => {
    const state = new TestState();
    state.call(engine, request("write", { value: "kept" }));
    const before = dumpState(state.document, engine.description.state);
    const failed = state.call(engine, request(method, args, { timeLimitMs: 1e9, fuel: 100_000_000 }));
    expect(failureOf(failed)).toBe(code);
    expect(dumpState(state.document, engine.description.state)).toEqual(before);
    expect(answer(state.call(engine, request("ok")))).toBe("ok");
  });

  it.each([
    ["says nothing of itself", "", "APPLICATION_ERROR"],
    ["serves what is no application", "__dunlin.serve({})", "APPLICATION_ERROR"],
    ["describes itself as no JSON", served("describe: () => '{'"), "APPLICATION_INVALID"],
    ["describes itself by a number", served("describe: () => 5"), "APPLICATION_INVALID"],
    [
      "names a type that is none",
      served(described({ state: [{ name: "a", type: "nothing" }] })),
      "APPLICATION_INVALID",
    ],
    ["names methods that are no names", served(described({ queries: [5] })), "APPLICATION_INVALID"],
    ["never ends while it loads", "for (;;);", "FUEL_LIMIT"],
    ["asks for the state while it loads", "__dunlin.mapGet(1, 'a')", "APPLICATION_ERROR"],
    ["is no program", "this is not", "APPLICATION_ERROR"],
  ])("that %s is not loaded", async (_, code, expected) => {
    const made = await createEngine({ code, sourceMap: "{}" }, { monotonicMs: () => 0 });
    expect(made.ok || made.error.code).toBe(expected);
  });

  it("that lies of its methods fails where it is called", async () => {
    const code = served(`${described({ queries: ["gone"] })}, invoke: () => 5`);
    const made = await createEngine({ code, sourceMap: "{}" });
    const lying = must(made.ok ? made.value : undefined, made.ok ? "" : made.error.message);
    expect(new TestState().call(lying, request("gone"))).toMatchObject({ ok: true, output: null });
    expect(failureOf(new TestState().call(lying, request("other")))).toBe("METHOD_NOT_FOUND");
  });
});

function served(parts: string): string {
  return `__dunlin.serve({ invoke() {}, decode() {}, ${parts} })`;
}

function described(more: object): string {
  const base = {
    name: "x",
    version: "1",
    state: [],
    events: [],
    queries: [],
    mutations: [],
    handlers: [],
    migrates: false,
  };
  return `describe: () => ${JSON.stringify(JSON.stringify({ ...base, ...more }))}`;
}
