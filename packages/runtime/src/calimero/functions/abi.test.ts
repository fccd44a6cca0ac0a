/** All functions of the ABI: their signatures as published, and each called by a guest in either form. */
import { hexToBytes, utf8 } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { describe, expect, it } from "vitest";
import { CallBlobs } from "../../call-blobs.ts";
import { meterModule } from "../../fuel/meter.ts";
import { GuestScript } from "../../testing/guest-script.ts";
import { CONTEXT, EXECUTOR, guestRequest, localWorld, MemoryStorage } from "../../testing/guest-worlds.ts";
import { wat } from "../../testing/wat.ts";
import { GuestMemory } from "../../wasm/guest-memory.ts";
import { GuestInstance } from "../../wasm/instance.ts";
import { BlobHandles } from "../blob-handles.ts";
import { HostCall } from "../host-call.ts";
import { type AbiForm, signatureOf } from "../host-function.ts";
import { type CurrentCall, HOST_FUNCTIONS, resolveImports } from "../imports.ts";
import { GUEST_LIMITS_DEFAULT } from "../limits.ts";
import { Overlay } from "../overlay.ts";
import { HostTrap, invalidMemoryAccess } from "../trap.ts";

const crypto = createCrypto();

/** Parameters, each i64 but for `w`, which is i32; and the result. */
const PUBLISHED = `
  panic(l) panic_utf8(ll) register_len(l)l read_register(ll)w context_id(l) executor_id(l) input(l) value_return(l)
  log_utf8(l) js_std_d_print(lll)w emit(l) emit_with_handler(ll) xcall(l) commit(ll) persist_root_state(lll)
  read_root_state(l)w apply_storage_delta(l) flush_delta()w
  storage_read(ll)w storage_write(lll)w storage_remove(ll)w
  private_storage_read(ll)w private_storage_write(ll)w private_storage_remove(ll)w
  js_crdt_map_new(l)w js_crdt_map_get(lll)w js_crdt_map_insert(llll)w js_crdt_map_remove(lll)w
  js_crdt_map_contains(ll)w js_crdt_map_iter(ll)w
  js_crdt_vector_new(l)w js_crdt_vector_len(ll)w js_crdt_vector_push(ll)w js_crdt_vector_get(lll)w
  js_crdt_vector_pop(ll)w
  js_crdt_set_new(l)w js_crdt_set_insert(ll)w js_crdt_set_remove(ll)w js_crdt_set_contains(ll)w js_crdt_set_len(ll)w
  js_crdt_set_iter(ll)w js_crdt_set_clear(l)w
  js_crdt_lww_new(l)w js_crdt_lww_set(llw)w js_crdt_lww_get(ll)w js_crdt_lww_timestamp(ll)w
  js_crdt_counter_new(l)w js_crdt_counter_increment(l)w js_crdt_counter_value(ll)w
  js_crdt_counter_get_executor_count(llwl)w
  js_user_storage_new(l)w js_user_storage_insert(lll)w js_user_storage_get(ll)w js_user_storage_get_for_user(lll)w
  js_user_storage_remove(ll)w js_user_storage_contains(l)w js_user_storage_contains_user(ll)w
  js_frozen_storage_new(l)w js_frozen_storage_add(lll)w js_frozen_storage_get(lll)w js_frozen_storage_contains(ll)w
  fetch(lllll)w random_bytes(l) time_now(l) ed25519_verify(lll)w send_proposal(ll) approve_proposal(l)
  context_create(llll) context_delete(l) context_add_member(l) context_remove_member(l) context_is_member(l)w
  context_members(l) context_resolve_alias(ll)w
  blob_create()l blob_write(ll)l blob_close(ll)w blob_open(l)l blob_read(ll)l blob_announce_to_context(ll)w`
  .trim()
  .split(/\s+/)
  .sort();

describe("the ABI", () => {
  it("has the 80 functions of the original, each with its signature", () => {
    const letter = { i32: "w", i64: "l" } as Readonly<Record<string, string>>;
    const declared = HOST_FUNCTIONS.map((one) => {
      const { params, results } = signatureOf(one, "descriptor");
      const word = (types: readonly string[]): string => types.map((type) => letter[type] ?? type).join("");
      return `${one.name}(${word(params)})${word(results)}`;
    });
    expect(declared.sort()).toEqual(PUBLISHED);
    expect(PUBLISHED).toHaveLength(80);
  });

  it.each(["descriptor", "flat"] as const)("is called in full by the guests of this file, in the %s form", (form) => {
    const counted = new Map<string, number>();
    const scripts = [values(form), effects(form), machine(form), collections(form), panics(form, "panic")];
    for (const script of [...scripts, panics(form, "panic_utf8")]) runCounted(script, counted);
    const uncalled = HOST_FUNCTIONS.map(({ name }) => name).filter((name) => !counted.has(name));
    expect(uncalled).toEqual([]);
  });
});

/** Runs a script on the real host, and counts the calls of each function. */
function runCounted(script: GuestScript, counted: Map<string, number>): void {
  const metered = meterModule(wat(script.text()));
  if (!metered.ok) throw new Error(metered.error.message);
  const bind = resolveImports(metered.value.imports);
  if (!bind.ok) throw new Error(bind.error.message);
  const current: CurrentCall = { call: undefined };
  const imports = Object.entries(bind.value(current)).map(([name, run]) => {
    const counting = (...args: (bigint | number)[]): unknown => {
      counted.set(name, (counted.get(name) ?? 0) + 1);
      return (run as (...given: readonly (bigint | number)[]) => unknown)(...args);
    };
    return [name, counting] as const;
  });
  const module = new WebAssembly.Module(metered.value.bytes);
  const instance = new GuestInstance(
    module,
    metered.value,
    Object.fromEntries(imports) as ReturnType<typeof bind.value>,
  );
  const limits = GUEST_LIMITS_DEFAULT;
  const world = localWorld();
  const blobs = new BlobHandles(new CallBlobs(world.blobs, crypto), limits);
  current.call = new HostCall({
    request: guestRequest("run"),
    limits,
    crypto,
    memory: new GuestMemory(instance.memory, invalidMemoryAccess),
    storage: new Overlay(new MemoryStorage()),
    local: { world, privateStorage: new Overlay(world.privateStorage), blobs },
  });
  try {
    instance.run("run", limits.fuel, limits.stackBytes);
  } catch (thrown) {
    if (!(thrown instanceof HostTrap) || thrown.type !== "Panic") throw thrown;
  }
}

function values(form: AbiForm): GuestScript {
  const s = new GuestScript(form);
  const [key, value] = [s.buffer("k"), s.buffer("v")];
  s.call("input", 1).call("register_len", 1).call("read_register", 1, s.room(2).buffer);
  s.call("context_id", 1).call("executor_id", 1);
  s.call("storage_write", key, value, 1).call("storage_read", key, 1).call("storage_remove", key, 1);
  s.call("private_storage_write", key, value).call("private_storage_read", key, 1);
  return s.call("private_storage_remove", key, 1);
}

function effects(form: AbiForm): GuestScript {
  const s = new GuestScript(form);
  const id = s.buffer(CONTEXT);
  s.call("log_utf8", s.buffer("line")).call("js_std_d_print", 0, 65_536n, 1n).call("emit", s.buffers("Kind", "data"));
  s.call("emit_with_handler", s.buffers("Kind", "data"), s.buffer("on_kind")).call(
    "xcall",
    s.buffers(CONTEXT, "m", "{}"),
  );
  s.call("context_create", s.buffer("near"), id, s.buffer("{}"), s.buffer("alias")).call("context_delete", id);
  s.call("context_add_member", id).call("context_remove_member", id).call("context_is_member", id);
  s.call("context_members", 1).call("context_resolve_alias", s.buffer("me"), 1);
  s.call("send_proposal", s.buffer("actions"), s.room(32).buffer).call("approve_proposal", id);
  return s.call("commit", id, s.buffer("artifact"));
}

function machine(form: AbiForm): GuestScript {
  const s = new GuestScript(form);
  const signer = crypto.createSigner(EXECUTOR);
  const signature = s.buffer(signer.sign(utf8("m")));
  const text = s.buffer("text");
  s.call("fetch", text, text, text, text, 1).call("random_bytes", s.room(8).buffer).call("time_now", s.room(8).buffer);
  s.call("ed25519_verify", signature, s.buffer(signer.publicKey), s.buffer("m"));
  const blob = s.room(32).buffer;
  s.call("blob_create").call("blob_write", 1n, text).call("blob_close", 1n, blob).call("blob_open", blob);
  return s.call("blob_read", 2n, s.room(9).buffer).call("blob_announce_to_context", blob, s.buffer(CONTEXT));
}

function collections(form: AbiForm): GuestScript {
  const s = new GuestScript(form);
  const [map, vector, set, register, counter, user, frozen] = Array.from({ length: 7 }, (_, at) =>
    s.buffer(new Uint8Array(32).fill(at + 1)),
  ) as [bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[]];
  const [key, value, me] = [s.buffer("k"), s.buffer("v"), s.buffer(EXECUTOR)];
  for (const kind of [
    "crdt_map",
    "crdt_vector",
    "crdt_set",
    "crdt_lww",
    "crdt_counter",
    "user_storage",
    "frozen_storage",
  ])
    s.call(`js_${kind}_new`, 1);
  s.call("js_crdt_map_insert", map, key, value, 1)
    .call("js_crdt_map_get", map, key, 1)
    .call("js_crdt_map_iter", map, 1);
  s.call("js_crdt_map_contains", map, key).call("js_crdt_map_remove", map, key, 1);
  s.call("js_crdt_vector_push", vector, value).call("js_crdt_vector_len", vector, 1);
  s.call("js_crdt_vector_get", vector, 0n, 1).call("js_crdt_vector_pop", vector, 1);
  s.call("js_crdt_set_insert", set, value).call("js_crdt_set_contains", set, value).call("js_crdt_set_len", set, 1);
  s.call("js_crdt_set_iter", set, 1).call("js_crdt_set_remove", set, value).call("js_crdt_set_clear", set);
  s.call("js_crdt_lww_set", register, value, 1).call("js_crdt_lww_get", register, 1);
  s.call("js_crdt_lww_timestamp", register, 1);
  s.call("js_crdt_counter_increment", counter).call("js_crdt_counter_value", counter, 1);
  s.call("js_crdt_counter_get_executor_count", counter, me, 1, 1);
  s.call("js_user_storage_insert", user, value, 1).call("js_user_storage_get", user, 1);
  s.call("js_user_storage_get_for_user", user, me, 1).call("js_user_storage_contains", user);
  s.call("js_user_storage_contains_user", user, me).call("js_user_storage_remove", user, 1);
  const hash = s.buffer(crypto.sha256(Uint8Array.of(1, 0, 0, 0, ...utf8("v"))));
  s.call("js_frozen_storage_add", frozen, value, 1).call("js_frozen_storage_get", frozen, hash, 1);
  s.call("js_frozen_storage_contains", frozen, hash);
  s.call("persist_root_state", s.buffer("{}"), 0n, 0n).call("read_root_state", 1);
  s.call("apply_storage_delta", s.buffer(hexToBytes("0000000000") ?? new Uint8Array(0)));
  return s.call("flush_delta");
}

function panics(form: AbiForm, name: "panic" | "panic_utf8"): GuestScript {
  const s = new GuestScript(form);
  const file = BigInt(s.place(utf8("lib.rs")));
  const location = form === "flat" ? [file, 6n, 3n, 4n] : [BigInt(s.words(file, 6, 3n + (4n << 32n)))];
  return name === "panic" ? s.call(name, location) : s.call(name, s.buffer("no"), location);
}
