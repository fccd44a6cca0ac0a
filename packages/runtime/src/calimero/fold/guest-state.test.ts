import { readFileSync } from "node:fs";
import {
  bytesEqual,
  bytesToHex,
  compareBytes,
  createPrng,
  idKey,
  must,
  type Prng,
  type Stamp,
  utf8,
  utf8ToString,
} from "@dunlin/core/base";
import { logEntryKey } from "@dunlin/core/crdt";
import { createCrypto } from "@dunlin/core/crypto";
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { CONTEXT, EXECUTOR, guestHost, guestRequest } from "../../testing/guest-worlds.ts";
import { wat } from "../../testing/wat.ts";
import { createGuestEngine, type GuestEngine } from "../guest-engine.ts";
import { FOLD_TURN_MS, TIME_AHEAD_NS_MAX, UNDO_BYTES_MAX, UNDO_RECORDS_MAX } from "../limits.ts";
import { rootAfter } from "./apply-record.ts";
import { GuestState } from "./guest-state.ts";
import { type CallRecord, decodeRecord, encodeRecord } from "./record.ts";
import { decodeUndo, encodeUndo } from "./rows.ts";

const crypto = createCrypto();
const APPENDER = readFileSync(new URL("../../../fixtures/appender.wat", import.meta.url), "utf8");
const NONE = new Uint8Array(32);
const STAMP_MS = 1_700_000_000_000;

function engineOf(text: string = APPENDER): GuestEngine {
  const made = createGuestEngine(wat(text), crypto);
  return must(made.ok ? made.value : undefined, made.ok ? "" : made.error.message);
}

class Log {
  readonly entries = new Map<string, { key: Uint8Array; member: Uint8Array; bytes: Uint8Array }>();

  keys(): Uint8Array[] {
    return [...this.entries.values()].map(({ key }) => key).sort(compareBytes);
  }

  get(key: Uint8Array): { member: Uint8Array; bytes: Uint8Array } | undefined {
    return this.entries.get(idKey(key));
  }

  /** At a place in the order: `at` milliseconds after the beginning. */
  put(at: number, bytes: Uint8Array, member = EXECUTOR): Uint8Array {
    const stamp = ((STAMP_MS + at) * 2048) as Stamp;
    const key = logEntryKey({ stamp, actor: member.slice(0, 16) as never }, 0);
    this.entries.set(idKey(key), { key, member, bytes });
    return key;
  }
}

function shuffled<T>(prng: Prng, items: readonly T[]): T[] {
  const left = [...items];
  return Array.from(items, () => left.splice(prng.below(left.length), 1)[0] as T);
}

function record(letter: string, more: Partial<CallRecord> = {}): Uint8Array {
  const input = utf8(letter);
  const base = { method: "append", input, timeNs: BigInt(STAMP_MS) * 1_000_000n, seed: NONE, isRepeatable: true };
  return encodeRecord({ ...base, rootBefore: NONE, rootAfter: NONE, artifact: input, ...more });
}

function open(log: Log, store = createMemoryStore(), engine = engineOf(), application = NONE): Promise<GuestState> {
  return GuestState.open({
    store,
    prefix: utf8("g"),
    context: CONTEXT,
    engine,
    application,
    crypto,
    log,
    monotonicMs: () => 0,
    pause: () => Promise.resolve(),
  });
}

function textOf(state: GuestState): string | undefined {
  const bytes = state.storage.get(utf8("text"));
  return bytes && utf8ToString(bytes);
}

/** The root of the appender's state: its text, with zeros up to 32 bytes. */
function rootOf(text: string): Uint8Array {
  const root = new Uint8Array(32);
  root.set(utf8(text).subarray(0, 32));
  return root;
}

describe("the fold of a guest's log", () => {
  it("repeats a call where the state is its author's, and applies the artifact where it is not", async () => {
    const log = new Log();
    const state = await open(log);
    await state.advance([log.put(1, record("a", { rootAfter: rootOf("a") }))]);
    await state.advance([log.put(3, record("c", { rootBefore: rootOf("a"), rootAfter: rootOf("ac") }))]);
    expect([textOf(state), bytesToHex(state.root)]).toEqual(["ac", bytesToHex(rootOf("ac"))]);
    await state.advance([log.put(2, record("b", { rootBefore: rootOf("a"), rootAfter: rootOf("ab") }))]);
    expect(textOf(state)).toBe("abC");
    expect(state.counts).toEqual({ repeated: 3, artifacts: 1, withoutEffect: 0, takenBack: 1 });
  });

  it("repeats a call under the limits of its record: one that they end is applied by its artifact", async () => {
    const under = async (registersMax: number): Promise<string | undefined> => {
      const log = new Log();
      const state = await open(log);
      await state.advance([log.put(1, record("a", { rootAfter: rootOf("a") }))]);
      const next = { rootBefore: rootOf("a"), rootAfter: rootOf("ab"), limits: { registersMax } };
      await state.advance([log.put(2, record("b", next))]);
      return textOf(state);
    };
    expect(await under(3)).toBe("ab");
    expect(await under(1)).toBe("aB");
  });

  it("applies the artifact of a call that comes out otherwise here, or cannot be repeated", async () => {
    const log = new Log();
    const state = await open(log);
    await state.advance([
      log.put(1, record("a", { rootAfter: rootOf("x") })),
      log.put(2, record("b", { rootBefore: rootOf("A"), rootAfter: rootOf("Ab"), isRepeatable: false })),
      log.put(3, record("c", { method: "append_private", rootBefore: rootOf("AB"), rootAfter: rootOf("ABc") })),
      log.put(4, record("d", { method: "nothing", rootBefore: rootOf("ABC"), rootAfter: rootOf("ABCd") })),
    ]);
    expect([textOf(state), state.counts.artifacts]).toEqual(["ABCD", 4]);
  });

  it("lets a record do nothing that traps, is damaged, or is of a time that is yet to come; alike wherever", async () => {
    const log = new Log();
    const [one, other] = [await open(log), await open(log)];
    const stampNs = BigInt(STAMP_MS + 4) * 1_000_000n;
    const keys = [
      log.put(1, record("!", { rootBefore: rootOf("x") })),
      log.put(2, utf8("no record")),
      log.put(3, record("a", { artifact: new Uint8Array(0), rootBefore: rootOf("x") })),
      log.put(4, record("b", { timeNs: stampNs + TIME_AHEAD_NS_MAX + 1n })),
      log.put(5, record("c", { rootBefore: rootOf("x") })),
    ];
    await one.advance(keys);
    for (const key of keys.toReversed()) await other.advance([key]);
    expect([textOf(one), textOf(other)]).toEqual(["C", "C"]);
    expect(one.counts.withoutEffect).toBe(4);
    expect(one.root).toEqual(other.root);
  });

  it("is the same for every order of arrival, with restarts in between", async () => {
    const prng = createPrng(20261130);
    for (let round = 0; round < 12; round++) {
      const log = new Log();
      let text = "";
      const records = Array.from({ length: 12 }, (_, index) => {
        const letter = String.fromCharCode(0x61 + prng.below(26));
        const knows = prng.chance(0.6);
        const before = rootOf(knows ? text : "other");
        text += knows ? letter : letter.toUpperCase();
        return { at: 1 + index, bytes: record(letter, { rootBefore: before, rootAfter: rootOf(text) }), index };
      });
      const store = createMemoryStore();
      let state = await open(log, store);
      for (const { at, bytes } of shuffled(prng, records)) {
        const key = log.put(at, bytes);
        if (prng.chance(0.3)) state = await open(log, store);
        else await state.advance([key]);
      }
      const whole = await open(log);
      expect(textOf(state)).toBe(textOf(whole));
      expect(state.root).toEqual(whole.root);
      expect(state.size).toBe(12);
      expect(textOf(whole)).toBe(text);
    }
  });

  it("begins anew when a record sorts before all that can be taken back", async () => {
    const log = new Log();
    const store = createMemoryStore();
    const state = await open(log, store);
    const count = UNDO_RECORDS_MAX + 2;
    await state.advance(
      Array.from({ length: count }, (_, index) => log.put(10 + index, record("a", { rootBefore: NONE }))),
    );
    await state.advance([log.put(1, record("b", { rootAfter: rootOf("b") }))]);
    expect(textOf(state)).toBe(`b${"A".repeat(count)}`);
    expect([state.counts.takenBack, state.size]).toEqual([count, count + 1]);
    expect(textOf(await open(log, store))).toBe(textOf(state));
  });

  it("begins anew rather than keep what is too large to take back", async () => {
    const log = new Log();
    const state = await open(log);
    const large = new Uint8Array(UNDO_BYTES_MAX + 1);
    for (const at of [2, 3]) {
      const bytes = record("z", { input: utf8(`${at}`), rootBefore: rootOf("x") });
      state.foresee(bytes, { root: NONE, writes: [[utf8("large"), large]] });
      await state.advance([log.put(at, bytes)]);
    }
    expect(bytesEqual(state.storage.get(utf8("large")) ?? NONE, large)).toBe(true);
    await state.advance([log.put(1, record("a", { rootAfter: rootOf("a") }))]);
    expect([textOf(state), state.counts.takenBack, state.size]).toEqual(["aZZ", 2, 3]);
    expect(state.storage.get(utf8("large"))).toBeUndefined();
  });

  it("takes what a call of this node left for its step, if nothing came between", async () => {
    const log = new Log();
    const state = await open(log);
    const bytes = record("z", { rootAfter: rootOf("z") });
    const step = { root: rootOf("q"), writes: [[utf8("text"), utf8("q")]] as const };
    state.foresee(bytes, step);
    await state.advance([log.put(1, bytes)]);
    expect(textOf(state)).toBe("q");
    state.foresee(bytes, step);
    await state.advance([log.put(2, record("y", { rootBefore: NONE })), log.put(3, bytes)]);
    expect(textOf(state)).toBe("qYZ");
  });

  it("lets others have the thread between steps that take long", async () => {
    const log = new Log();
    let [now, pauses] = [0, 0];
    for (let at = 1; at <= 5; at++) log.put(at, record("a"));
    const clock = (): number => {
      now += FOLD_TURN_MS;
      return now;
    };
    const pause = async (): Promise<void> => {
      pauses++;
    };
    const guest = { engine: engineOf(), application: NONE };
    const ports = { store: createMemoryStore(), prefix: utf8("g"), context: CONTEXT, ...guest, crypto, log };
    await GuestState.open({ ...ports, monotonicMs: clock, pause });
    expect(pauses).toBe(5);
  });

  it("is made anew by another application, from the same log, and keeps what is private", async () => {
    const log = new Log();
    const store = createMemoryStore();
    const state = await open(log, store);
    await state.advance([log.put(1, record("a")), log.put(2, record("b"))]);
    await state.writePrivate([[utf8("text"), utf8("mine")]]);
    expect(textOf(state)).toBe("AB");
    const small = engineOf(APPENDER.replace("(i32.sub (local.get $byte) (i32.const 32))", "(local.get $byte)"));
    const upgraded = await open(log, store, small, new Uint8Array(32).fill(1));
    expect([textOf(upgraded), upgraded.size]).toEqual(["ab", 2]);
    expect(upgraded.privateStorage.get(utf8("text"))).toEqual(utf8("mine"));
    expect(textOf(await open(log, store))).toBe("AB");
  });

  it("keeps what is private apart, through the fold", async () => {
    const log = new Log();
    const store = createMemoryStore();
    const state = await open(log, store);
    await state.writePrivate([[utf8("text"), utf8("mine")]]);
    await state.advance([log.put(2, record("a"))]);
    await state.advance([log.put(1, record("b"))]);
    const again = await open(log, store);
    expect(again.privateStorage.get(utf8("text"))).toEqual(utf8("mine"));
    await again.writePrivate([[utf8("text"), undefined]]);
    expect(again.privateStorage.get(utf8("text"))).toBeUndefined();
  });

  it("counts the writes of a guest that never commits, and names its state by them", async () => {
    const engine = engineOf(`(module (import "env" "storage_write" (func $w (param i64 i64 i64) (result i32)))
      (memory (export "memory") 1) (data (i32.const 8) "\\04") (data (i32.const 24) "\\04")
      (func (export "write") (drop (call $w (i64.const 0) (i64.const 16) (i64.const 1)))))`);
    const outcome = engine.call(guestRequest("write"), guestHost());
    if (!outcome.ok) throw new Error(outcome.error.message);
    const root = rootAfter({ crypto, root: NONE }, outcome);
    const log = new Log();
    const state = await open(log, createMemoryStore(), engine);
    await state.advance([log.put(1, record("", { method: "write", rootAfter: root, artifact: new Uint8Array(0) }))]);
    expect([state.counts.repeated, bytesToHex(state.root)]).toEqual([1, bytesToHex(root)]);
    expect(state.storage.get(new Uint8Array(4))).toEqual(new Uint8Array(4));
  });
});

describe("rows and records", () => {
  it("are refused when they are not what was written", () => {
    const records = [
      record("a"),
      record("", { isRepeatable: false, timeNs: 2n ** 63n, artifact: new Uint8Array(0) }),
      record("b", { limits: { fuel: 200_000, logsMax: 1, proposalsMax: 7 } }),
    ];
    const decoded = (bytes: Uint8Array) => decodeRecord(bytes);
    fuzzDecoder({
      name: "call record",
      seed: 1,
      corpus: records,
      decode: decoded,
      encode: encodeRecord,
      inputs: 20_000,
    });
    const undo = [
      encodeUndo([]),
      encodeUndo([
        [utf8("k"), undefined],
        [utf8("l"), utf8("v")],
      ]),
    ];
    fuzzDecoder({ name: "undo row", seed: 2, corpus: undo, decode: decodeUndo, encode: encodeUndo, inputs: 20_000 });
  });
});
