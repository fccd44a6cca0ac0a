import { createCrypto } from "@dunlin/core/crypto";
import { describe, expect, it } from "vitest";
import { GuestScript } from "../testing/guest-script.ts";
import { failureType, guestHost, guestRequest } from "../testing/guest-worlds.ts";
import { wat } from "../testing/wat.ts";
import { createGuestEngine } from "./guest-engine.ts";
import { GUEST_LIMITS_DEFAULT, METHOD_NAME_BYTES_MAX } from "./limits.ts";

const crypto = createCrypto();

describe("the engine", () => {
  const engineOf = (text: string) => createGuestEngine(wat(text), crypto);
  const codeOf = (text: string): string => {
    const made = engineOf(text);
    return made.ok ? "ok" : made.error.code;
  };

  it("refuses imports that do not exist or have another signature, and a module without memory", () => {
    expect(codeOf('(module (import "env" "nothing" (func)) (memory (export "memory") 1))')).toBe("IMPORT_UNKNOWN");
    expect(codeOf('(module (import "wasi" "input" (func (param i64))) (memory (export "memory") 1))')).toBe(
      "IMPORT_UNKNOWN",
    );
    expect(codeOf('(module (import "env" "input" (func (param i32))) (memory (export "memory") 1))')).toBe(
      "IMPORT_SIGNATURE",
    );
    expect(codeOf("(module (memory 1))")).toBe("MODULE_UNSUPPORTED");
    expect(codeOf('(module (memory (export "memory") 1) (data (i32.const 65536) "x"))')).toBe("MODULE_MALFORMED");
  });

  it("refuses what is no method", () => {
    const made = engineOf(`(module (memory (export "memory") 1)
      (func (export "ok")) (func (export "takes") (param i32)) (func (export "__calimero_sync_next")))`);
    if (!made.ok) throw new Error(made.error.message);
    const engine = made.value;
    expect(engine.methods).toEqual(["ok"]);
    const type = (method: string): string => failureType(engine.call(guestRequest(method), guestHost()));
    expect(["ok", "takes", "no", "", "a-b", "x".repeat(METHOD_NAME_BYTES_MAX + 1)].map(type)).toEqual([
      "ok",
      "InvalidSignature",
      "MethodNotFound",
      "EmptyMethodName",
      "InvalidMethodNameCharacter",
      "MethodNameTooLong",
    ]);
  });

  it("starts every call from the same memory, globals and tables", () => {
    const s = new GuestScript();
    const body = `(local i32)
      (local.set 0 (i32.add (i32.load (i32.const 0)) (global.get $g)))
      (i32.store (i32.const 0) (i32.const 7)) (global.set $g (i32.const 9))
      (i32.store (i32.const 128) (local.get 0)) (call $value_return (i64.const ${s.words(0, 128, 4)}))`;
    const grow = "(drop (memory.grow (i32.const 1)))";
    const more = `(global $g (mut i32) (i32.const 3)) (func (export "state") ${body}) (func (export "grow") ${grow})`;
    const { engine } = s.build(more);
    const state = (): unknown => {
      const result = engine.call(guestRequest("state"), guestHost());
      return result.ok && result.returned && new DataView(result.returned.buffer).getInt32(0, true);
    };
    expect([state(), state()]).toEqual([3, 3]);
    expect(engine.call(guestRequest("grow"), guestHost()).ok).toBe(true);
    expect(state()).toBe(3);
  });

  it("starts from the same bits of a NaN in a global", () => {
    const made = engineOf(`(module (import "env" "value_return" (func $return (param i64)))
      (memory (export "memory") 1) (data (i32.const 16) "\\40") (data (i32.const 24) "\\08")
      (global $g (mut f64) (f64.const nan:0x4000000000001))
      (func (export "run")
        (i64.store (i32.const 64) (i64.reinterpret_f64 (global.get $g)))
        (global.set $g (f64.const 1)) (call $return (i64.const 8))))`);
    if (!made.ok) throw new Error(made.error.message);
    const seen = [1, 2].map(() => made.value.call(guestRequest("run"), guestHost()));
    for (const result of seen) {
      expect(result.ok && [...(result.returned ?? [])]).toEqual([1, 0, 0, 0, 0, 0, 0xf4, 0x7f]);
    }
  });

  it("runs a start function before all else, within its limits", () => {
    const text = (body: string) => `(module (import "env" "log_utf8" (func $log (param i64)))
      (memory (export "memory") 1) (global $g (mut i32) (i32.const 0)) (start $begin)
      (func $begin (global.set $g (i32.add (global.get $g) (i32.const 1))) ${body})
      (func (export "__calimero_register_merge") (global.set $g (i32.mul (global.get $g) (i32.const 3))))
      (func (export "run") (if (i32.ne (global.get $g) (i32.const 3)) (then unreachable))
        (global.set $g (i32.const 9))))`;
    const made = engineOf(text("(call $log (i64.const 0))"));
    if (!made.ok) throw new Error(made.error.message);
    expect(made.value.methods).toEqual(["run"]);
    for (let i = 0; i < 2; i++) {
      expect(made.value.call(guestRequest("run"), guestHost())).toMatchObject({ ok: true, logs: [] });
    }
    expect([codeOf(text("unreachable")), codeOf(text("(loop $l (br $l))"))]).toEqual([
      "MODULE_MALFORMED",
      "MODULE_MALFORMED",
    ]);
  });

  it("registers merge functions once, and does without them when that fails", () => {
    const text = (body: string) => `(module (memory (export "memory") 1) (global $g (mut i32) (i32.const 0))
      (func (export "__calimero_register_merge") ${body})
      (func (export "run") (if (i32.ne (global.get $g) (i32.const 1)) (then unreachable))))`;
    const type = (body: string): string => {
      const made = engineOf(text(body));
      return made.ok ? failureType(made.value.call(guestRequest("run"), guestHost())) : made.error.message;
    };
    expect(type("(global.set $g (i32.add (global.get $g) (i32.const 1)))")).toBe("ok");
    expect(type("(global.set $g (i32.const 1)) unreachable")).toBe("Unreachable");
  });

  it("stops loops and recursion at the same place each time, with a code and no effect", () => {
    const s = new GuestScript("descriptor", "(local i32)");
    s.call("storage_write", s.buffer("k"), s.buffer("v"), 1).code("(loop $l (br $l))");
    const limits = { ...GUEST_LIMITS_DEFAULT, fuel: 100_000n };
    const { engine } = s.build('(func $r (export "recurse") (call $r))');
    const loop = engine.call(guestRequest("run"), guestHost(), limits);
    expect(!loop.ok && loop.error.code).toBe("FUEL_LIMIT");
    const deep = engine.call(guestRequest("recurse"), guestHost());
    expect(!deep.ok && [deep.error.code, deep.error.applicationCode]).toEqual(["STACK_LIMIT", "StackOverflow"]);
    const traps = ["unreachable", "(drop (i32.load (i32.const -1)))", "(drop (i32.div_s (i32.const 1) (i32.const 0)))"];
    const types = traps.map((code) =>
      failureType(new GuestScript().code(code).build().engine.call(guestRequest("run"), guestHost())),
    );
    expect(types).toEqual(["Unreachable", "MemoryOutOfBounds", "IllegalArithmetic"]);
  });
});
