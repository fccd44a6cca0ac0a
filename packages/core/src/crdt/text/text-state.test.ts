import { describe, expect, it } from "vitest";
import { createPrng, Writer } from "../../base/index.ts";
import { COUNTER_LOCAL_MAX, COUNTER_MAX } from "./limits.ts";
import { BlockStore, Network, type Replica } from "./reference/network.ts";
import { ReferenceText } from "./reference/reference-text.ts";
import { checkTextJoin, TextState } from "./text-state.ts";

const [alice, bob, carol] = [1, 2, 3].map((fill) => new Uint8Array(16).fill(fill)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

/** The exhaustive histories: every sequence of so many edits of so many kinds, with every choice of delivery. */
const STEPS = 4;
const EDITS = 3;

interface Step {
  readonly join: Uint8Array;
  readonly actor: Uint8Array;
}

function write(actor: Uint8Array, edit: (text: TextState) => void, after: readonly Step[] = []): Step {
  const text = applied(after);
  edit(text);
  const join = text.takeJoin();
  if (join === undefined) throw new Error("nothing was edited");
  return { join, actor };
}

function applied(steps: readonly Step[]): TextState {
  const text = new TextState();
  for (const { join, actor } of steps) expect(text.apply(join, actor).ok).toBe(true);
  return text;
}

function fingerprint(text: TextState): string {
  return new BlockStore().collect(text).fingerprint();
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) => permutations(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

/** Applies the steps in every order, loads each result, and gives the one text they all come to. */
function agree(steps: readonly Step[]): string {
  const reference = new ReferenceText();
  for (const { join, actor } of steps) reference.apply(join, actor);
  const expected = fingerprint(applied(steps));
  for (const order of permutations(steps)) {
    const text = applied(order);
    const store = new BlockStore().collect(text);
    expect(store.fingerprint()).toBe(expected);
    expect(text.toString()).toBe(reference.toString());
    const loaded = TextState.load(store.blocks());
    expect(loaded.ok && loaded.value.toString()).toBe(reference.toString());
  }
  return reference.toString();
}

/** An insert of one element that no honest writer makes. */
function forged(actor: Uint8Array, counter: number, kind: number, distance: number, unit: number): Step {
  const gap = counter > 1 ? 8 : 0;
  const writer = new Writer()
    .u8(2)
    .varint(1)
    .varint(gap + kind);
  if (gap > 0) writer.varint(counter - 1);
  return { join: writer.varint(distance).varint(unit).toBytes(), actor };
}

describe("TextState", () => {
  it("edits, slices and takes one join of several edits", () => {
    const text = new TextState();
    expect(text.takeJoin()).toBeUndefined();
    text.insert(alice, 0, "hello world");
    text.delete(alice, 5, 6);
    text.insert(alice, 5, ", there");
    expect([text.toString(), text.length, text.slice(1, 5), text.slice(3, 99)]).toEqual([
      "hello, there",
      12,
      "ello",
      "lo, there",
    ]);
    const join = text.takeJoin()!;
    expect(checkTextJoin(join)).toBe(true);
    expect(applied([{ join, actor: alice }]).toString()).toBe("hello, there");
    expect(text.takeJoin()).toBeUndefined();
  });

  it("writes the same join behind what a writer holds", () => {
    const [one, two] = [new TextState(), new TextState()];
    for (const text of [one, two]) text.insert(alice, 0, "same");
    const writer = new Writer().u8(9);
    expect(one.writeJoin(writer)).toBe(true);
    expect(writer.toBytes()).toEqual(Uint8Array.of(9, ...two.takeJoin()!));
    expect(one.writeJoin(writer)).toBe(false);
  });

  it("gives only the changed blocks", () => {
    const text = new TextState();
    text.insert(alice, 0, "x".repeat(5000));
    expect(text.takeDirty().map(({ block }) => block)).toEqual([0, 1, 2, 3, 4]);
    text.delete(alice, 3000, 1);
    expect(text.takeDirty().map(({ block }) => block)).toEqual([2]);
    expect(text.takeDirty()).toEqual([]);
  });

  it("refuses malformed joins and blocks without effect", () => {
    const text = new TextState();
    expect(text.apply(Uint8Array.of(255), alice)).toMatchObject({ ok: false, error: { code: "text/malformed" } });
    expect([text.length, text.takeDirty()]).toEqual([0, []]);
    const block = { actor: alice, block: 0, bytes: Uint8Array.of(2, 1, 1, 1, 97) };
    expect(TextState.load([block]).ok).toBe(true);
    expect(TextState.load([block, block])).toMatchObject({ ok: false, error: { code: "text/malformed" } });
    expect(TextState.load([{ ...block, block: 1 }]).ok).toBe(false);
    expect(TextState.load([{ ...block, block: -1 }]).ok).toBe(false);
    expect(TextState.load([{ ...block, block: 2 ** 40 }]).ok).toBe(false);
  });

  it("stops when a position is outside the text, which is the caller's bug", () => {
    expect(() => new TextState().insert(alice, 1, "a")).toThrow("position");
    expect(() => new TextState().delete(alice, 0, 1)).toThrow("range");
    const text = new TextState();
    text.insert(alice, 0, "a");
    expect(() => text.insert(bob, 0, "b")).toThrow("one actor");
  });

  it("keeps halves of surrogate pairs apart and together", () => {
    const smile = "\ud83d\ude00";
    const base = write(alice, (text) => text.insert(alice, 0, `a${smile}b`));
    const inside = write(bob, (text) => text.insert(bob, 2, "|"), [base]);
    const half = write(carol, (text) => text.delete(carol, 1, 1), [base]);
    expect(applied([base, inside]).toString()).toBe("a\ud83d|\ude00b");
    expect(agree([base, inside, half])).toBe("a|\ude00b");
  });

  it("deletes that meet are one deletion", () => {
    const base = write(alice, (text) => text.insert(alice, 0, "abcdef"));
    const one = write(bob, (text) => text.delete(bob, 1, 3), [base]);
    const two = write(carol, (text) => text.delete(carol, 2, 3), [base]);
    expect(agree([base, one, two])).toBe("af");
  });
});

describe("runs typed at the same place at once", () => {
  it.each(["forward", "backward"])("do not interleave: %s", (direction) => {
    const type = (actor: Uint8Array, word: string): Step =>
      write(actor, (text) => {
        for (let i = 0; i < word.length; i++) {
          if (direction === "forward") text.insert(actor, text.length, word[i]!);
          else text.insert(actor, 0, word[word.length - 1 - i]!);
        }
      });
    const result = agree([type(alice, "milk"), type(bob, "eggs"), type(carol, "bread")]);
    expect(result.split(/(?=milk|eggs|bread)/).sort()).toEqual(["bread", "eggs", "milk"]);
  });

  it("stay whole in the middle of a text, with backspaces", () => {
    const base = write(alice, (text) => text.insert(alice, 0, "[]"));
    const type = (actor: Uint8Array, word: string): Step =>
      write(
        actor,
        (text) => {
          for (let i = 0; i < word.length; i++) {
            text.insert(actor, 1 + i, "?");
            text.delete(actor, 1 + i, 1);
            text.insert(actor, 1 + i, word[i]!);
          }
        },
        [base],
      );
    expect(["[onetwo]", "[twoone]"]).toContain(agree([base, type(bob, "one"), type(carol, "two")]));
  });
});

describe("hostile writers", () => {
  it("who give one id twice split no replicas", () => {
    const base = write(bob, (text) => text.insert(bob, 0, "base"));
    const one = write(alice, (text) => text.insert(alice, 1, "one"), [base]);
    const two = write(alice, (text) => text.insert(alice, 3, "twofold"), [base]);
    const other = write(alice, (text) => text.insert(alice, 1, "owe"), [base]);
    const reply = write(carol, (text) => text.insert(carol, 3, "!"), [base, one]);
    expect(agree([base, one, two, other]).length).toBe(13);
    agree([base, one, other, reply]);
    agree([base, two, reply, one]);
  });

  it("who give one id twice lose what others deleted", () => {
    const one = write(alice, (text) => text.insert(alice, 0, "one"));
    const two = write(alice, (text) => text.insert(alice, 0, "two"));
    const gone = write(bob, (text) => text.delete(bob, 1, 1), [two]);
    expect(agree([one, two, gone])).toBe("oe");
    expect(applied([one]).apply(two.join, alice)).toEqual({ ok: true, value: { void: 3 } });
  });

  it("who delete what is not there yet are heard in any order, and their victims write on", () => {
    const text = write(alice, (state) => state.insert(alice, 0, "abc"));
    const early = write(bob, (state) => state.delete(bob, 1, 1), [text]);
    expect(agree([text, early])).toBe("ac");
    const victim = applied([early]);
    victim.insert(alice, 0, "new");
    expect(victim.toString()).toBe("new");
  });

  it("who hang text below what is missing: it is kept, and shown when that comes", () => {
    const base = write(alice, (text) => text.insert(alice, 0, "ab"));
    const child = write(bob, (text) => text.insert(bob, 1, "-x-"), [base]);
    const grandchild = write(carol, (text) => text.insert(carol, 3, "|"), [base, child]);
    const cut = write(alice, (text) => text.delete(alice, 2, 2), [base, child]);
    expect(agree([base, child, grandchild, cut])).toBe("a-|b");
    const waiting = applied([child, grandchild]);
    expect([waiting.toString(), waiting.length]).toEqual(["", 0]);
    waiting.insert(carol, 0, "c");
    expect(waiting.toString()).toBe("c");
  });

  it("whose missing origin a local edit turns out to be", () => {
    const text = new TextState();
    expect(text.apply(forged(bob, 5, 1, 2, 98).join, bob).ok).toBe(true);
    const waiting = write(bob, (state) => state.insert(bob, 2, "!"), [
      write(alice, (state) => state.insert(alice, 0, "ab")),
    ]);
    expect(text.apply(waiting.join, bob).ok).toBe(true);
    text.insert(alice, 0, "ab");
    expect(text.toString()).toBe("ab!b");
    expect(text.length).toBe(4);
  });

  it("who use the highest counters use up nobody else's", () => {
    for (const counter of [COUNTER_MAX, COUNTER_LOCAL_MAX]) {
      const top = forged(bob, counter, 1, counter, 33);
      const text = applied([top]);
      text.insert(alice, 0, "before ");
      text.insert(alice, text.length, "after");
      text.insert(alice, 0, "very ");
      expect([...text.toString()].sort().join("")).toBe([..."very before after!"].sort().join(""));
      agree([top, { join: text.takeJoin()!, actor: alice }]);
    }
  });

  it("whose counters tie with a run's continuation", () => {
    const base = write(bob, (text) => text.insert(bob, 0, "xyz"));
    const lower = {
      join: new Writer()
        .u8(3)
        .varint(1)
        .raw(bob)
        .varint(1)
        .varint(8 + 3)
        .varint(1)
        .varint(1)
        .u8(0)
        .u8(46)
        .toBytes(),
      actor: alice,
    };
    const higher = { ...lower, actor: carol };
    expect(agree([base, lower])).toBe("x.yz");
    expect(agree([base, higher])).toBe("xyz.");
    expect(agree([base, lower, higher])).toBe("x.yz.");
  });
});

describe("small histories", () => {
  it("converge in every interleaving of two writers of two edits each", () => {
    const edits = [
      (text: TextState, actor: Uint8Array) => text.insert(actor, 0, "a"),
      (text: TextState, actor: Uint8Array) => text.insert(actor, Math.min(1, text.length), "d"),
      (text: TextState, actor: Uint8Array) => text.delete(actor, 0, Math.min(1, text.length)),
    ];
    for (let plan = 0; plan < EDITS ** STEPS; plan++) {
      for (let delivery = 0; delivery < 2 ** STEPS; delivery++) runTiny(edits, plan, delivery);
    }
  });
});

function runTiny(
  edits: readonly ((text: TextState, actor: Uint8Array) => void)[],
  plan: number,
  delivery: number,
): void {
  const network = new Network([alice, bob]);
  const [one, two] = network.replicas as [Replica, Replica];
  one.text.insert(alice, 0, "xy");
  one.commit();
  network.deliver(two, 0);
  for (let step = 0; step < STEPS; step++) {
    const replica = step % 2 === 0 ? one : two;
    if ((delivery >> step) & 1) while (network.deliver(replica, 1 - (step % 2)));
    edits[Math.floor(plan / EDITS ** step) % EDITS]!(replica.text, replica.actor);
    replica.commit();
  }
  network.settle(createPrng(1));
  const context = `plan ${plan} delivery ${delivery}`;
  expect(two.text.toString(), context).toBe(one.text.toString());
  expect(one.text.toString(), context).toBe(one.reference.toString());
  expect(fingerprint(two.text), context).toBe(fingerprint(one.text));
}
