/** The examples in other languages: `examples/hello` and `examples/counter`. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { bytesToHex, compareBytes, idKey, must, type Stamp, utf8, utf8ToString } from "@dunlin/core/base";
import { logEntryKey } from "@dunlin/core/crdt";
import { createCrypto } from "@dunlin/core/crypto";
import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { CONTEXT, EXECUTOR, guestHost, guestRequest } from "../testing/guest-worlds.ts";
import { wat } from "../testing/wat.ts";
import { GuestState } from "./fold/guest-state.ts";
import { encodeRecord } from "./fold/record.ts";
import { createGuestEngine, type GuestEngine } from "./guest-engine.ts";

const crypto = createCrypto();
const OTHER = new Uint8Array(32).fill(0xaa);
const START_MS = 1_700_000_000_000;

function example(path: string): string {
  return readFileSync(new URL(`../../../../examples/${path}`, import.meta.url), "utf8");
}

function engineOf(path: string): GuestEngine {
  const made = createGuestEngine(wat(example(path)), crypto);
  return must(made.ok ? made.value : undefined, made.ok ? "" : made.error.message);
}

interface Entry {
  readonly key: Uint8Array;
  readonly member: Uint8Array;
  readonly bytes: Uint8Array;
}

/** A node's guest: its own log of calls, which others' calls reach when they are taken in. */
class Member {
  readonly #entries = new Map<string, Entry>();
  readonly #engine = engineOf("counter/counter.wat");
  readonly #who: Uint8Array;
  #state: GuestState | undefined;

  constructor(who: Uint8Array) {
    this.#who = who;
  }

  async open(): Promise<this> {
    this.#state = await GuestState.open({
      store: createMemoryStore(),
      prefix: utf8("g"),
      context: CONTEXT,
      engine: this.#engine,
      application: OTHER,
      crypto,
      log: {
        keys: () => [...this.#entries.values()].map(({ key }) => key).sort(compareBytes),
        get: (key) => this.#entries.get(idKey(key)),
      },
      monotonicMs: () => 0,
      pause: () => Promise.resolve(),
    });
    return this;
  }

  get state(): GuestState {
    return must(this.#state, "opened");
  }

  value(): string | undefined {
    const result = this.#engine.call(guestRequest("value"), { storage: this.state.storage });
    return result.ok && result.returned ? utf8ToString(result.returned) : undefined;
  }

  /** Counts one at a time of the log, and gives what others take in. */
  async increase(atMs: number): Promise<Entry> {
    const timeNs = BigInt(START_MS + atMs) * 1_000_000n;
    const request = guestRequest("increase", { executor: this.#who, timeNs, seed: crypto.sha256(utf8(`${atMs}`)) });
    const result = this.#engine.call(request, { storage: this.state.storage });
    if (!result.ok || !result.committed) throw new Error("nothing was counted");
    expect(result.events.map(({ kind }) => kind)).toEqual(["Increased"]);
    const { root: rootAfter, artifact } = result.committed;
    const bytes = encodeRecord({ ...request, rootBefore: this.state.root, rootAfter, isRepeatable: true, artifact });
    const stamp = ((START_MS + atMs) * 2048) as Stamp;
    const key = logEntryKey({ stamp, actor: this.#who.slice(0, 16) as never }, 0);
    const entry = { key, member: this.#who, bytes };
    await this.take(entry);
    return entry;
  }

  async take(...entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) this.#entries.set(idKey(entry.key), entry);
    await this.state.advance(entries.map(({ key }) => key));
  }
}

it("hello, the smallest application, returns its text", () => {
  const engine = engineOf("hello/hello.wat");
  const result = engine.call(guestRequest("hello"), guestHost());
  expect([engine.methods, result.ok && utf8ToString(result.returned ?? new Uint8Array(0))]).toEqual([
    ["hello"],
    '"hello"',
  ]);
});

it("the counter adds up what two members count apart, and is equal on both", async () => {
  const [one, two] = [await new Member(EXECUTOR).open(), await new Member(OTHER).open()];
  expect(one.value()).toBe("0");
  const first = await one.increase(1);
  await two.take(first);
  expect([two.value(), two.state.counts.repeated]).toEqual(["1", 1]);
  const ones = [await one.increase(20), await one.increase(40)];
  const twos = [await two.increase(30), await two.increase(50), await two.increase(60)];
  expect([one.value(), two.value()]).toEqual(["3", "4"]);
  await one.take(...twos);
  await two.take(...ones);
  expect([one.value(), two.value()]).toEqual(["6", "6"]);
  expect(bytesToHex(one.state.root)).toBe(bytesToHex(two.state.root));
  expect(two.state.counts.artifacts).toBeGreaterThan(0);
});

it("counter.wat was made of the source beside it", () => {
  const hash = createHash("sha256").update(example("counter/assembly/counter.ts")).digest("hex");
  expect(example("counter/counter.wat").slice(0, 300)).toContain(hash);
});
