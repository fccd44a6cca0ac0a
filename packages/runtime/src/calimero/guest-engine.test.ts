import { createPrng, utf8, utf8ToString } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { describe, expect, it } from "vitest";
import { fuzzInputs } from "../../../../tools/fuzz.ts";
import { GuestScript } from "../testing/guest-script.ts";
import { CONTEXT, EXECUTOR, failureType, guestHost, guestRequest, MemoryStorage } from "../testing/guest-worlds.ts";
import { wat } from "../testing/wat.ts";
import { createGuestEngine, type GuestHost, type GuestResult } from "./guest-engine.ts";
import { type AbiForm, signatureOf } from "./host-function.ts";
import { HOST_FUNCTIONS } from "./imports.ts";
import { GUEST_LIMITS_DEFAULT, METHOD_NAME_BYTES_MAX } from "./limits.ts";

const FORMS: readonly AbiForm[] = ["descriptor", "flat"];
const crypto = createCrypto();

function outcome(
  script: GuestScript,
  host: GuestHost = guestHost(),
  limits: Partial<typeof GUEST_LIMITS_DEFAULT> = {},
): GuestResult {
  return script.build().engine.call(guestRequest("run"), host, { ...GUEST_LIMITS_DEFAULT, ...limits });
}

/** What the script's calls gave. */
function run(script: GuestScript, host: GuestHost = guestHost()): (bigint | Uint8Array)[] {
  const { engine, outputs } = script.build();
  const result = engine.call(guestRequest("run"), host);
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return outputs(result.returned ?? new Uint8Array(0));
}

function typeOf(script: GuestScript, limits: Partial<typeof GUEST_LIMITS_DEFAULT> = {}): string {
  return failureType(outcome(script, guestHost(), limits));
}

describe.each(FORMS)("the host in the %s form", (form) => {
  const script = (): GuestScript => new GuestScript(form);

  it("gives registers, input, context and executor", () => {
    const s = script().call("register_len", 5).call("input", 5).call("register_len", 5).read(5, 2);
    s.call("read_register", 5, s.room(3).buffer).call("context_id", 6).read(6, 32).call("executor_id", 6).read(6, 32);
    expect(run(s)).toEqual([0xffff_ffff_ffff_ffffn, 2n, utf8("{}"), 0n, CONTEXT, EXECUTOR]);
    expect(typeOf(script().read(5, 1))).toBe("InvalidRegisterId");
  });

  it("keeps what a call writes to itself, and shows it to the call", () => {
    const s = script();
    const [key, one, two] = [s.buffer("k"), s.buffer("one"), s.buffer("two!")];
    s.call("storage_read", key, 1).call("storage_write", key, one, 1).call("storage_write", key, two, 1).read(1, 3);
    s.call("storage_read", key, 1).read(1, 4).call("storage_remove", key, 1).read(1, 4).call("storage_remove", key, 1);
    expect(run(s)).toEqual([0n, 0n, 1n, utf8("one"), 1n, utf8("two!"), 1n, utf8("two!"), 0n]);
    const storage = new MemoryStorage();
    const written = outcome(script().call("storage_write", script().buffer("k"), one, 1), guestHost({ storage }));
    expect(written.ok && written.writes.length).toBe(1);
    expect(storage.get(utf8("k"))).toBeUndefined();
  });

  it("hands over events, logs, cross-calls and the commit", () => {
    const s = script();
    s.call("log_utf8", s.buffer("hello")).call("emit", s.buffers("Kind", "data"));
    s.call("emit_with_handler", s.buffers("Kind", "more"), s.buffer("on_kind"));
    s.call("emit_with_handler", s.buffers("Kind", ""), form === "flat" ? [0n, 0n] : 0n);
    s.call("xcall", s.buffers(CONTEXT, "method", "{}")).call("commit", s.buffer(EXECUTOR), s.buffer("artifact"));
    const result = outcome(s);
    if (!result.ok) throw new Error(result.error.message);
    expect(result.logs).toEqual(["hello"]);
    expect(result.events.map(({ kind, data, handler }) => [kind, utf8ToString(data), handler])).toEqual([
      ["Kind", "data", undefined],
      ["Kind", "more", "on_kind"],
      ["Kind", "", undefined],
    ]);
    expect(result.crossCalls).toEqual([{ context: CONTEXT, method: "method", params: utf8("{}") }]);
    expect(result.committed).toEqual({ root: EXECUTOR, artifact: utf8("artifact") });
  });

  it("ends a call that panics or returns an error, with its words and nothing else", () => {
    const s = script();
    const location =
      form === "flat" ? [...s.buffer("lib.rs"), 3n, 4n] : [BigInt(s.words(...placed(s, "lib.rs"), 3n + (4n << 32n)))];
    const panic = outcome(script().call("panic_utf8", script().buffer("no"), location));
    expect(failureType(panic)).toBe("Panic");
    const told = outcome(s.call("panic_utf8", s.buffer("no way"), location));
    expect(!told.ok && told.error).toMatchObject({
      code: "APPLICATION_ERROR",
      message: "guest panicked: no way at lib.rs:3:4",
    });
    const bare = new GuestScript(form);
    const at = form === "flat" ? [...bare.buffer("x"), 1n, 1n] : [BigInt(bare.words(...placed(bare, "x"), 1n))];
    expect(failureType(outcome(bare.call("panic", at)))).toBe("Panic");
    const e = script();
    const error = form === "flat" ? [1n, ...e.buffer('"bad"')] : [BigInt(e.words(1, ...placed(e, '"bad"')))];
    const failed = outcome(e.call("value_return", error));
    expect(!failed.ok && failed.error).toMatchObject({
      code: "APPLICATION_ERROR",
      message: "the method returned an error: bad",
    });
  });
});

/** Pointer and length of a text in memory. */
function placed(script: GuestScript, text: string): [bigint, bigint] {
  return [BigInt(script.place(utf8(text))), BigInt(utf8(text).length)];
}

describe("the host", () => {
  it("has private storage, kept apart, which a repeated call has not", () => {
    const s = new GuestScript();
    const [key, value] = [s.buffer("k"), s.buffer("v")];
    s.call("private_storage_read", key, 1)
      .call("private_storage_write", key, value)
      .call("private_storage_read", key, 1);
    s.call("private_storage_remove", key, 1).call("private_storage_remove", key, 1);
    s.call("private_storage_write", key, value).call("storage_read", key, 1);
    expect(run(s)).toEqual([0n, 1n, 1n, 1n, 0n, 1n, 0n]);
    const result = outcome(s);
    expect(result.ok && [result.privateWrites.length, result.usedLocal]).toEqual([1, true]);
    const { storage } = guestHost();
    expect(failureType(outcome(s, { storage }))).toBe("NotRepeatable");
  });

  it("gives time that goes on, and randomness, from the request alone", () => {
    const s = new GuestScript();
    const [first, second, random] = [s.room(8), s.room(8), s.room(70)];
    s.call("time_now", first.buffer).call("time_now", second.buffer).call("random_bytes", random.buffer);
    s.take(first.at, 8).take(second.at, 8).take(random.at, 70);
    const [one, two, drawn] = run(s) as Uint8Array[];
    const ns = (bytes: Uint8Array | undefined): bigint =>
      new DataView((bytes as Uint8Array).buffer).getBigUint64(0, true);
    expect([ns(one), ns(two)]).toEqual([1_700_000_000_000_000_000n, 1_700_000_000_000_001_000n]);
    expect(new Set(drawn).size).toBeGreaterThan(40);
    expect(run(s)).toEqual([one, two, drawn]);
    const other = s.build().engine.call(guestRequest("run", { seed: new Uint8Array(32) }), guestHost());
    expect(other.ok && other.returned?.slice(16)).not.toEqual(drawn);
    const short = new GuestScript();
    expect(typeOf(short.call("time_now", short.room(7).buffer))).toBe("InvalidMemoryAccess");
  });

  it("checks signatures", () => {
    const signer = crypto.createSigner(new Uint8Array(32).fill(3));
    const good = signer.sign(utf8("message"));
    const verify = (signature: Uint8Array, key: Uint8Array): GuestScript => {
      const s = new GuestScript();
      return s.call("ed25519_verify", s.buffer(signature), s.buffer(key), s.buffer("message"));
    };
    expect(run(verify(good, signer.publicKey))).toEqual([1n]);
    expect(
      run(
        verify(
          Uint8Array.from(good, (byte, index) => (index === 5 ? byte ^ 1 : byte)),
          signer.publicKey,
        ),
      ),
    ).toEqual([0n]);
    expect(typeOf(verify(good, new Uint8Array(32).fill(2)))).toBe("Ed25519IncorrectPublicKey");
    expect(typeOf(verify(good.subarray(1), signer.publicKey))).toBe("InvalidMemoryAccess");
  });

  it("reads blobs as they were written, to a short end", () => {
    const chunk = 1 << 20;
    const s = new GuestScript();
    const [into, id] = [s.room(chunk), s.room(32)];
    const part = s.room(chunk).buffer;
    const half = s.room(chunk / 2).buffer;
    s.call("blob_create").call("blob_write", 1n, part).call("blob_write", 1n, part).call("blob_write", 1n, half);
    s.call("blob_close", 1n, id.buffer).call("blob_open", id.buffer);
    for (let i = 0; i < 4; i++) s.call("blob_read", 2n, into.buffer);
    s.call("blob_announce_to_context", id.buffer, s.buffer(CONTEXT)).call("blob_close", 2n, id.buffer);
    const [big, small] = [BigInt(chunk), BigInt(chunk / 2)];
    expect(run(s)).toEqual([1n, big, big, small, 1n, 2n, big, big, small, 0n, 1n, 1n]);
    const missing = new GuestScript();
    expect(typeOf(missing.call("blob_announce_to_context", missing.buffer(CONTEXT), missing.buffer(CONTEXT)))).toBe(
      "BlobsNotSupported",
    );
    expect(typeOf(new GuestScript().call("blob_read", 7n, new GuestScript().room(1).buffer))).toBe("InvalidBlobHandle");
  });

  it("knows members and aliases, and takes what is asked of contexts and proposals", () => {
    const s = new GuestScript();
    const id = s.room(32);
    s.call("context_members", 1).read(1, 36).call("context_is_member", s.buffer(EXECUTOR));
    s.call("context_is_member", s.buffer(CONTEXT)).call("context_resolve_alias", s.buffer("me"), 1).read(1, 32);
    s.call("context_resolve_alias", s.buffer("you"), 1);
    s.call("context_create", s.buffer("near"), s.buffer(CONTEXT), s.buffer("{}"), s.buffer("name"));
    s.call("context_delete", s.buffer(CONTEXT)).call("context_add_member", s.buffer(CONTEXT));
    s.call("context_remove_member", s.buffer(EXECUTOR)).call("send_proposal", s.buffer("actions"), id.buffer);
    s.call("approve_proposal", s.buffer(EXECUTOR)).take(id.at, 32);
    s.call("fetch", s.buffer("u"), s.buffer("GET"), s.buffer(""), s.buffer(""), 4).call(
      "js_std_d_print",
      0,
      65_536n,
      2n,
    );
    const outputs = run(s);
    expect(outputs.slice(0, 5)).toEqual([Uint8Array.of(1, 0, 0, 0, ...EXECUTOR), 1n, 0n, 1n, EXECUTOR]);
    expect(outputs.slice(-2)).toEqual([1n, 0n]);
    const result = outcome(s);
    if (!result.ok) throw new Error(result.error.message);
    expect(result.contextChanges.map(({ kind }) => kind)).toEqual(["create", "delete", "add-member", "remove-member"]);
    expect(result.proposals).toEqual([
      { kind: "propose", id: outputs[6], actions: utf8("actions") },
      { kind: "approve", id: EXECUTOR },
    ]);
    const taken = new GuestScript();
    taken.call(
      "context_create",
      taken.buffer("near"),
      taken.buffer(CONTEXT),
      taken.buffer("{}"),
      taken.buffer("taken"),
    );
    expect(typeOf(taken)).toBe("AliasAlreadyExists");
    const long = new GuestScript();
    expect(typeOf(long.call("context_resolve_alias", long.buffer("x".repeat(51)), 1))).toBe("AliasTooLong");
  });

  it("refuses what is above a limit", () => {
    const repeated = (times: number, call: (s: GuestScript) => void): GuestScript => {
      const s = new GuestScript();
      for (let i = 0; i < times; i++) call(s);
      return s;
    };
    const cases: [string, GuestScript][] = [
      ["LogsOverflow", repeated(101, (g) => g.call("log_utf8", g.buffer("x")))],
      ["EventsOverflow", repeated(101, (g) => g.call("emit", g.buffers("k", "d")))],
      ["XCallsOverflow", repeated(101, (g) => g.call("xcall", g.buffers(CONTEXT, "m", "")))],
      ["TooManyBlobHandles", repeated(101, (g) => g.call("blob_create"))],
      ["InvalidMemoryAccess", repeated(101, (g) => g.call("context_delete", g.buffer(CONTEXT)))],
      ["InvalidMemoryAccess", repeated(101, (g) => g.call("approve_proposal", g.buffer(CONTEXT)))],
      ["InvalidMemoryAccess", repeated(2, (g) => g.call("commit", g.buffer(CONTEXT), g.buffer("a")))],
      ["InvalidMemoryAccess", registers(101)],
      ["LogLengthOverflow", one((g) => g.call("log_utf8", g.room(16 * 1024 + 1).buffer))],
      ["BadUTF8", one((g) => g.call("log_utf8", g.buffer(Uint8Array.of(0xff))))],
      ["EventKindSizeOverflow", one((g) => g.call("emit", g.buffers("k".repeat(101), "d")))],
      ["EventDataSizeOverflow", one((g) => g.call("emit", g.buffers("k", new Uint8Array(16 * 1024 + 1).fill(1))))],
      ["XCallFunctionSizeOverflow", one((g) => g.call("xcall", g.buffers(CONTEXT, "m".repeat(101), "")))],
      [
        "XCallParamsSizeOverflow",
        one((g) => g.call("xcall", g.buffers(CONTEXT, "m", new Uint8Array(16 * 1024 + 1).fill(1)))),
      ],
      ["KeyLengthOverflow", one((g) => g.call("storage_read", g.room(1025).buffer, 1))],
      ["InvalidMemoryAccess", one((g) => g.call("commit", g.buffer("short"), g.buffer("a")))],
      ["InvalidMemoryAccess", one((g) => g.call("xcall", g.buffers("short", "m", "")))],
    ];
    for (const [type, script] of cases) expect(typeOf(script), type).toBe(type);
    const lowered: [string, GuestScript, Partial<typeof GUEST_LIMITS_DEFAULT>][] = [
      [
        "ValueLengthOverflow",
        one((g) => g.call("storage_write", g.buffer("k"), g.room(101).buffer, 1)),
        { storageValueBytesMax: 100 },
      ],
      [
        "ValueLengthOverflow",
        one((g) => g.call("storage_write", g.buffer("k"), g.room(101).buffer, 1)),
        { writtenBytesMax: 100 },
      ],
      [
        "ValueLengthOverflow",
        one((g) => g.call("commit", g.buffer(CONTEXT), g.room(101).buffer)),
        { artifactBytesMax: 100 },
      ],
      ["ValueLengthOverflow", one((g) => g.call("value_return", BigInt(g.words(0, 0, 101)))), { returnBytesMax: 100 }],
      [
        "BlobWriteTooLarge",
        one((g) => g.call("blob_create").call("blob_write", 1n, g.room(101).buffer)),
        { blobChunkBytesMax: 100 },
      ],
      [
        "BlobWriteTooLarge",
        one((g) => g.call("blob_create").call("blob_write", 1n, g.room(101).buffer)),
        { blobBytesMax: 100 },
      ],
      ["BlobBufferTooLarge", one((g) => g.call("blob_read", 1n, g.room(101).buffer)), { blobChunkBytesMax: 100 }],
      ["InvalidMemoryAccess", one((g) => g.call("context_id", 1)), { registerBytesMax: 31 }],
      ["InvalidMemoryAccess", one((g) => g.call("context_id", 1).call("context_id", 2)), { registersBytesMax: 79 }],
      ["OutOfFuel", one((g) => g.call("random_bytes", g.room(100_000).buffer)), { fuel: 10_000n }],
    ];
    for (const [type, script, limits] of lowered) expect(typeOf(script, limits), type).toBe(type);
  });

  it("ends with a coded failure whatever a guest names by its arguments, and never throws", () => {
    const prng = createPrng(20261130);
    const edges = ["0", "1", "65536", "5242879", "5242880", "4294967295", "-1", "-9223372036854775808"];
    const perFunction = Math.max(8, Math.min(500, Math.floor(fuzzInputs() / 8000)));
    for (const declared of HOST_FUNCTIONS) {
      const { params } = signatureOf(declared, "descriptor");
      const bodies = Array.from({ length: perFunction }, () => {
        const args = params.map(
          (type) => `(${type}.const ${prng.chance(0.7) ? prng.pick(edges) : prng.below(6_000_000)})`,
        );
        const called = `(call $${declared.name} ${args.map((a) => a.replace(/i32.const (4294967295|-9.*|5242880)\)/, "i32.const -1)")).join(" ")})`;
        return declared.result === undefined ? called : `(drop ${called})`;
      });
      const methods = bodies.map((body, index) => `(func (export "m${index}") ${body})`).join("\n");
      const { engine } = new GuestScript().build(methods);
      for (let i = 0; i < perFunction; i++) {
        const result = engine.call(guestRequest(`m${i}`), guestHost());
        if (!result.ok) expect(result.error.code).toMatch(/^(GUEST_TRAP|LIMIT_EXCEEDED|APPLICATION_ERROR|FUEL_LIMIT)$/);
      }
    }
  });
});

function one(make: (script: GuestScript) => GuestScript): GuestScript {
  return make(new GuestScript());
}

function registers(count: number): GuestScript {
  const s = new GuestScript();
  for (let i = 0; i < count; i++) s.call("context_id", i);
  return s;
}

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
