import { utf8, utf8ToString } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { describe, expect, it } from "vitest";
import { GuestScript } from "../../testing/guest-script.ts";
import { CONTEXT, EXECUTOR, failureType, guestHost, guestRequest, MemoryStorage } from "../../testing/guest-worlds.ts";
import { outcome, run, typeOf } from "../../testing/run-script.ts";
import type { AbiForm } from "../host-function.ts";

const FORMS: readonly AbiForm[] = ["descriptor", "flat"];
const crypto = createCrypto();

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
});
