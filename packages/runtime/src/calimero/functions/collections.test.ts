import { bytesToHex, concatBytes, type Signer, utf8 } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { describe, expect, it } from "vitest";
import { GuestScript } from "../../testing/guest-script.ts";
import { CONTEXT, EXECUTOR, failureType, guestHost, guestRequest, MemoryStorage } from "../../testing/guest-worlds.ts";
import type { GuestResult } from "../guest-engine.ts";
import type { GuestRequest } from "../host-call.ts";
import { signUserActions } from "../sign-actions.ts";
import { type Action, decodeArtifact, encodeArtifact } from "../storage/action.ts";

const crypto = createCrypto();
const ID = new Uint8Array(32).fill(0x55);
const MISUSE = utf8("mapId must be exactly 32 bytes (received 5)");

/** A store with what happens in it: scripts run on it one after another, and what they commit stays. */
class Place {
  readonly storage = new MemoryStorage();
  root = "";
  #timeNs = 1_700_000_000_000_000_000n;

  /** What the script's calls gave; with `more` of its request changed. */
  run(make: (script: GuestScript) => unknown, more: Partial<GuestRequest> = {}): (bigint | Uint8Array)[] {
    const { outputs, result } = this.try(make, more);
    if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
    return outputs;
  }

  /** The artifact that a script's flush hands over. */
  write(make: (script: GuestScript) => unknown, more: Partial<GuestRequest> = {}): Uint8Array {
    const { result } = this.try((s) => [make(s), s.call("flush_delta")], more);
    if (!result.ok || !result.committed) throw new Error("nothing was flushed");
    return result.committed.artifact;
  }

  apply(artifact: Uint8Array): string {
    return failureType(this.try((s) => s.call("apply_storage_delta", s.buffer(artifact))).result);
  }

  try(
    make: (script: GuestScript) => unknown,
    more: Partial<GuestRequest> = {},
  ): { outputs: (bigint | Uint8Array)[]; result: GuestResult } {
    this.#timeNs += 1_000_000_000n;
    const script = new GuestScript();
    make(script);
    const { engine, outputs } = script.build();
    const seed = crypto.sha256(utf8(`${this.#timeNs}`));
    const request = guestRequest("run", { timeNs: this.#timeNs, seed, ...more });
    const result = engine.call(request, { ...guestHost(), storage: this.storage });
    if (!result.ok) return { outputs: [], result };
    if (result.committed) {
      this.storage.apply(result.writes);
      this.root = bytesToHex(result.committed.root);
    }
    return { outputs: outputs(result.returned ?? new Uint8Array(0)), result };
  }
}

const sized = (text: string): Uint8Array => Uint8Array.of(text.length, 0, 0, 0, ...utf8(text));
const u64 = (value: number): Uint8Array => Uint8Array.of(value, 0, 0, 0, 0, 0, 0, 0);

describe("collections of the host", () => {
  it("a map holds, replaces, removes and lists entries", () => {
    const place = new Place();
    const outputs = place.run((s) => {
      const [id, a, b] = [s.buffer(ID), s.buffer("a"), s.buffer("b")];
      s.call("js_crdt_map_get", id, a, 1).call("js_crdt_map_insert", id, a, s.buffer("1"), 1);
      s.call("js_crdt_map_insert", id, a, s.buffer("2"), 1)
        .read(1, 1)
        .call("js_crdt_map_insert", id, b, s.buffer("3"), 1);
      s.call("js_crdt_map_iter", id, 1).read(1, 24).call("js_crdt_map_remove", id, a, 1).read(1, 1);
      s.call("js_crdt_map_remove", id, a, 1).call("js_crdt_map_contains", id, a).call("js_crdt_map_contains", id, b);
      s.call("js_crdt_map_insert", id, a, s.buffer("4"), 1).call("js_crdt_map_get", id, a, 1).read(1, 1);
    });
    const listed = concatBytes(Uint8Array.of(2, 0, 0, 0), sized("a"), sized("2"), sized("b"), sized("3"));
    expect(outputs).toEqual([0n, 0n, 1n, utf8("1"), 0n, 1n, listed, 1n, utf8("2"), 0n, 0n, 1n, 0n, 1n, utf8("4")]);
  });

  it("a vector keeps the order of its pushes, a set holds each value once", () => {
    const place = new Place();
    const vector = place.run((s) => {
      const id = s.buffer(ID);
      for (const value of ["x", "y", "z"]) s.call("js_crdt_vector_push", id, s.buffer(value));
      s.call("js_crdt_vector_len", id, 1).read(1, 8).call("js_crdt_vector_get", id, 1n, 1).read(1, 1);
      s.call("js_crdt_vector_get", id, 9n, 1).call("js_crdt_vector_pop", id, 1).read(1, 1);
      s.call("js_crdt_vector_pop", id, 1).call("js_crdt_vector_pop", id, 1).call("js_crdt_vector_pop", id, 1);
    });
    expect(vector).toEqual([1n, 1n, 1n, 1n, u64(3), 1n, utf8("y"), 0n, 1n, utf8("z"), 1n, 1n, 0n]);
    const set = new Place().run((s) => {
      const [id, a, b] = [s.buffer(ID), s.buffer("a"), s.buffer("b")];
      s.call("js_crdt_set_insert", id, a).call("js_crdt_set_insert", id, a).call("js_crdt_set_insert", id, b);
      s.call("js_crdt_set_len", id, 1).read(1, 8).call("js_crdt_set_iter", id, 1).read(1, 14);
      s.call("js_crdt_set_remove", id, a).call("js_crdt_set_remove", id, a).call("js_crdt_set_contains", id, b);
      s.call("js_crdt_set_clear", id).call("js_crdt_set_clear", id).call("js_crdt_set_contains", id, b);
    });
    const both = concatBytes(Uint8Array.of(2, 0, 0, 0), sized("a"), sized("b"));
    expect(set).toEqual([1n, 0n, 1n, 1n, u64(2), 1n, both, 1n, 0n, 1n, 1n, 0n, 0n]);
  });

  it("a register tells its time, a counter its shares", () => {
    const register = new Place().run((s) => {
      const id = s.buffer(ID);
      s.call("js_crdt_lww_get", id, 1)
        .call("js_crdt_lww_set", id, s.buffer("v"), 1)
        .call("js_crdt_lww_set", id, s.buffer("v"), 1);
      s.call("js_crdt_lww_get", id, 1).read(1, 1).call("js_crdt_lww_timestamp", id, 1).read(1, 24);
      s.call("js_crdt_lww_set", id, 0n, 0).call("js_crdt_lww_get", id, 1).call("js_crdt_lww_timestamp", id, 1);
    });
    expect([...register.slice(0, 5), ...register.slice(7)]).toEqual([0n, 1n, 0n, 1n, utf8("v"), 1n, 0n, 0n]);
    expect((register[6] as Uint8Array).slice(8)).toEqual(EXECUTOR.slice(0, 16));
    // Seconds and their 2^32nd parts, as published.
    const timeNs = 1_700_000_000_123_456_789n;
    const stamped = new Place().try(
      (s) => {
        s.call("js_crdt_lww_set", s.buffer(ID), s.buffer("v"), 1);
        s.call("js_crdt_lww_timestamp", s.buffer(ID), 1).read(1, 24);
      },
      { timeNs },
    );
    expect(bytesToHex(stamped.outputs[2] as Uint8Array)).toMatch(/^00009a1f00f15365/);
    const place = new Place();
    place.write((s) =>
      s.call("js_crdt_counter_increment", s.buffer(ID)).call("js_crdt_counter_increment", s.buffer(ID)),
    );
    place.write((s) => s.call("js_crdt_counter_increment", s.buffer(ID)), { executor: CONTEXT });
    const counter = place.run((s) => {
      const id = s.buffer(ID);
      s.call("js_crdt_counter_value", id, 1)
        .read(1, 8)
        .call("js_crdt_counter_get_executor_count", id, 0n, 0, 1)
        .read(1, 8);
      s.call("js_crdt_counter_get_executor_count", id, s.buffer(CONTEXT), 1, 1).read(1, 8);
    });
    expect(counter).toEqual([1n, u64(3), 1n, u64(2), 1n, u64(1)]);
  });

  it("what a member owns is under its key, what is frozen under its hash", () => {
    const user = new Place().run((s) => {
      const [id, me, other] = [s.buffer(ID), s.buffer(EXECUTOR), s.buffer(CONTEXT)];
      s.call("js_user_storage_get", id, 1).call("js_user_storage_insert", id, s.buffer("1"), 1);
      s.call("js_user_storage_insert", id, s.buffer("2"), 1)
        .read(1, 1)
        .call("js_user_storage_get_for_user", id, me, 1)
        .read(1, 1);
      s.call("js_user_storage_contains", id).call("js_user_storage_contains_user", id, other);
      s.call("js_user_storage_remove", id, 1)
        .call("js_user_storage_remove", id, 1)
        .call("js_user_storage_contains", id);
    });
    expect(user).toEqual([0n, 0n, 1n, utf8("1"), 1n, utf8("2"), 1n, 0n, 1n, 0n, 0n]);
    const hash = crypto.sha256(sized("v"));
    const frozen = new Place().run((s) => {
      const [id, key] = [s.buffer(ID), s.buffer(hash)];
      s.call("js_frozen_storage_contains", id, key).call("js_frozen_storage_add", id, s.buffer("v"), 1).read(1, 32);
      s.call("js_frozen_storage_add", id, s.buffer("v"), 1).call("js_frozen_storage_get", id, key, 1).read(1, 1);
      s.call("js_frozen_storage_contains", id, key).call("js_frozen_storage_get", id, id, 1);
    });
    expect(frozen).toEqual([0n, 1n, hash, 1n, 1n, utf8("v"), 1n, 0n]);
  });

  it("tells a misuse by -1 and its text, and gives new collections ids of their own", () => {
    const outputs = new Place().run((s) => {
      s.call("js_crdt_map_get", s.buffer("short"), s.buffer("k"), 3)
        .read(3, MISUSE.length)
        .call("js_crdt_set_clear", s.buffer("short"));
      s.call("js_frozen_storage_get", s.buffer(ID), s.buffer("short"), 3).read(3, 29);
      for (const kind of ["map", "vector", "set", "lww", "counter"]) s.call(`js_crdt_${kind}_new`, 1).read(1, 32);
      s.call("js_user_storage_new", 1).read(1, 32).call("js_frozen_storage_new", 1).read(1, 32);
    });
    expect(outputs[0]).toBe(-1n);
    expect(outputs[1]).toEqual(MISUSE);
    expect(outputs[2]).toBe(-1n);
    expect(outputs.slice(3, 5)).toEqual([-1n, utf8("hash must be exactly 32 bytes")]);
    const ids = outputs.slice(5).filter((output) => output instanceof Uint8Array);
    expect(new Set(ids.map(bytesToHex)).size).toBe(7);
  });

  it("the root document is read as it was last persisted, again and again", () => {
    const place = new Place();
    expect(place.run((s) => s.call("read_root_state", 1))).toEqual([0n]);
    place.write((s) => s.call("persist_root_state", s.buffer("one"), 0n, 0n));
    const first = place.root;
    place.write((s) => s.call("persist_root_state", s.buffer("two"), 5n, 9n));
    expect(place.root).not.toBe(first);
    expect(place.run((s) => s.call("read_root_state", 1).read(1, 3))).toEqual([1n, utf8("two")]);
    expect(place.run((s) => s.call("flush_delta"))).toEqual([0n]);
  });
});

describe("artifacts of the host's collections", () => {
  const set = (key: string, value: string) => (s: GuestScript) =>
    s.call("js_crdt_map_insert", s.buffer(ID), s.buffer(key), s.buffer(value), 1);
  const remove = (key: string) => (s: GuestScript) => s.call("js_crdt_map_remove", s.buffer(ID), s.buffer(key), 1);
  const get = (place: Place, key: string): unknown =>
    place.run((s) => s.call("js_crdt_map_get", s.buffer(ID), s.buffer(key), 1).call("register_len", 1));

  it("make another store what the author's is, to the same root, also twice", () => {
    const [author, other] = [new Place(), new Place()];
    const steps = [
      (s: GuestScript) => s.call("persist_root_state", s.buffer("{}"), 0n, 0n),
      set("a", "1"),
      set("b", "2"),
      set("a", "3"),
      remove("b"),
      (s: GuestScript) => s.call("js_crdt_counter_increment", s.buffer(CONTEXT.slice().fill(1))),
      set("b", "4"),
    ];
    for (const step of steps) {
      const artifact = author.write(step);
      expect(other.apply(artifact)).toBe("ok");
      expect(other.root).toBe(author.root);
      expect(other.apply(artifact)).toBe("ok");
      expect(other.root).toBe(author.root);
    }
    expect([get(other, "a"), get(other, "b")]).toEqual([
      [1n, 1n],
      [1n, 1n],
    ]);
  });

  it("merge concurrent writes alike in either order: the later value, the larger share, a deletion against what is older", () => {
    const write = (step: (s: GuestScript) => unknown, executor: Uint8Array, before: number): Uint8Array => {
      const place = new Place();
      for (let i = 0; i < before; i++) place.run((s) => s.call("flush_delta"));
      return place.write(step, { executor });
    };
    const count = (times: number) => (s: GuestScript) => {
      for (let i = 0; i < times; i++) s.call("js_crdt_counter_increment", s.buffer(ID));
      return s;
    };
    const pairs = [
      [write(set("k", "early"), EXECUTOR, 0), write(set("k", "late"), CONTEXT, 3)],
      [write(count(1), EXECUTOR, 3), write(count(4), EXECUTOR, 0)],
      [write(count(2), EXECUTOR, 0), write(count(3), CONTEXT, 0)],
    ];
    for (const [left = ID, right = ID] of pairs) {
      const [one, other] = [new Place(), new Place()];
      expect([one.apply(left), one.apply(right), other.apply(right), other.apply(left)]).toEqual([
        "ok",
        "ok",
        "ok",
        "ok",
      ]);
      const look = (place: Place) =>
        place.run((s) => {
          s.call("js_crdt_map_get", s.buffer(ID), s.buffer("k"), 1)
            .call("register_len", 1)
            .call("js_crdt_map_iter", s.buffer(ID), 2);
        });
      expect(look(one)).toEqual(look(other));
    }
  });

  it("enforce who owns and what is frozen", () => {
    const signer = crypto.createSigner(new Uint8Array(32).fill(4));
    const thief = crypto.createSigner(new Uint8Array(32).fill(5));
    const own = (value: string) => (s: GuestScript) =>
      s.call("js_user_storage_insert", s.buffer(ID), s.buffer(value), 1);
    const author = new Place();
    const signed = (by: Signer, artifact: Uint8Array): Uint8Array => signUserActions(crypto, by, artifact);
    const first = author.write(own("1"), { executor: signer.publicKey });
    const second = author.write(own("2"), { executor: signer.publicKey });
    const victim = new Place();
    expect(victim.apply(first)).toBe("DeserializationError");
    expect(victim.apply(signed(thief, first))).toBe("DeserializationError");
    expect(victim.apply(signed(signer, first))).toBe("ok");
    expect(victim.apply(signed(signer, second))).toBe("ok");
    expect(victim.apply(signed(signer, first))).toBe("DeserializationError");
    expect(victim.root).toBe(author.root);
    const look = victim.run((s) =>
      s.call("js_user_storage_get_for_user", s.buffer(ID), s.buffer(signer.publicKey), 1).read(1, 1),
    );
    expect(look).toEqual([1n, utf8("2")]);

    const frozen = new Place().write((s) => s.call("js_frozen_storage_add", s.buffer(ID), s.buffer("v"), 1));
    const changed = (change: (action: Action) => Action): Uint8Array => {
      const artifact = decodeArtifact(frozen);
      return encodeArtifact({ form: 3, actions: (artifact?.actions ?? []).map(change) });
    };
    const place = new Place();
    const isFrozen = (action: Action): boolean =>
      action.kind !== "compare" && action.metadata.storage.kind === "frozen";
    const other = changed((a) =>
      isFrozen(a) && a.kind === "add" ? { ...a, data: a.data.map((byte, i) => (i === 36 ? byte ^ 1 : byte)) } : a,
    );
    expect(place.apply(other)).toBe("DeserializationError");
    expect(place.apply(frozen)).toBe("ok");
    const deletion = changed((a) =>
      isFrozen(a) && a.kind === "add" ? { kind: "delete", id: a.id, deletedAt: 2n ** 60n, metadata: a.metadata } : a,
    );
    expect(place.apply(deletion)).toBe("DeserializationError");
    const stolen = changed((a) =>
      isFrozen(a) && a.kind === "add" ? { ...a, metadata: { ...a.metadata, storage: { kind: "public" } } } : a,
    );
    expect(place.apply(stolen)).toBe("DeserializationError");
  });

  it("of a time that is yet to come, or that are none, do nothing", () => {
    const place = new Place();
    const artifact = decodeArtifact(place.write(set("k", "v")));
    const actions = (artifact?.actions ?? []).map((action) =>
      action.kind === "compare" ? action : { ...action, metadata: { ...action.metadata, updatedAt: 2n ** 62n } },
    );
    expect(new Place().apply(encodeArtifact({ form: 3, actions }))).toBe("DeserializationError");
    expect(new Place().apply(utf8("nothing"))).toBe("DeserializationError");
  });
});
