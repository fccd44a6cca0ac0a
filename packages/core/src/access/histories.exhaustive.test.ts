/**
 * Every causal history of a few access statements among a few members, in every order of admission, against the slow
 * reference. Statements on earlier parents are what an attacker has: they are all among these.
 */
import { describe, expect, it } from "vitest";
import { createPrng, type PublicKey } from "../base/index.ts";
import { type Cut, Cuts } from "./cuts.ts";
import { SlowJudge, type SlowStatement } from "./reference/slow-judge.ts";
import { type Role, roleOfRank, type Statement } from "./statement.ts";

const IS_LONG = (process.env["DUNLIN_PROPERTY_RUNS"] ?? "") !== "";
const NONCE = new Uint8Array(16);
const keyOf = (member: number): PublicKey => new Uint8Array(32).fill(member + 1) as PublicKey;

/** What everybody knows: the founder, 0, has added the others one after the other. */
function baseOf(roles: readonly Role[]): SlowStatement[] {
  const founded: SlowStatement = { author: 0, member: 0, says: "add", rank: 3, past: 0 };
  const added = roles.map((role, i): SlowStatement => {
    const rank = { reader: 1, writer: 2, admin: 3 }[role];
    return { author: 0, member: i + 1, says: "add", rank, past: (1 << (i + 1)) - 1 };
  });
  return [founded, ...added];
}

function statementOf({ says, member, rank }: SlowStatement, at: number): Statement {
  if (at === 0) return { kind: "genesis", application: new Uint8Array(32), seed: NONCE } as unknown as Statement;
  const role = roleOfRank(rank);
  if (!role) return { kind: "remove", member: keyOf(member) };
  return says === "add"
    ? { kind: "add", member: keyOf(member), role, nonce: NONCE }
    : { kind: "role", member: keyOf(member), role };
}

/** The ranks at the cut of all, and at each statement's own, admitted in this order. */
function judge(history: readonly SlowStatement[], order: readonly number[], members: number): string {
  const cuts = new Cuts();
  const cutOf: Cut[] = [];
  for (const at of order) {
    const of = history[at] as SlowStatement;
    const before = cuts.union([...history.keys()].filter((i) => of.past & (1 << i)).map((i) => cutOf[i] as Cut));
    const delta = String.fromCharCode(at).padEnd(32, "-");
    const said = { delta, index: 0, author: keyOf(of.author), statement: statementOf(of, at) };
    cutOf[at] = cuts.withStatement(before, said);
  }
  const ranks = (cut: Cut): number[] => {
    const { rankByMember } = cuts.stateAt(cut);
    return Array.from({ length: members }, (_, m) => rankByMember.get(String.fromCharCode(m + 1).repeat(32)) ?? 0);
  };
  return JSON.stringify([ranks(cuts.union(cutOf)), ...cutOf.map(ranks)]);
}

function judgeSlowly(history: readonly SlowStatement[], members: number): string {
  const slow = new SlowJudge(history, members);
  const all = (1 << history.length) - 1;
  return JSON.stringify([slow.ranks(all), ...history.map(({ past }, at) => slow.ranks(past | (1 << at)))]);
}

/** Orders in which each comes after what it knows, with what everybody knows first. */
function ordersOf(history: readonly SlowStatement[], base: number): number[][] {
  const orders: number[][] = [];
  const grow = (order: number[]): void => {
    if (order.length === history.length) orders.push(order);
    const has = order.reduce((bits, at) => bits | (1 << at), 0);
    for (const [at, { past }] of history.entries()) {
      if (!(has & (1 << at)) && (past & ~has) === 0) grow([...order, at]);
    }
  };
  grow([...Array(base).keys()]);
  return orders;
}

/** Sets that the next statement's author may know: all of the base, and any of the rest that is closed downwards. */
function pastsOf(history: readonly SlowStatement[], base: number): number[] {
  const pasts: number[] = [];
  for (let rest = 0; rest < 1 << (history.length - base); rest++) {
    const set = ((1 << base) - 1) | (rest << base);
    if (history.every(({ past }, at) => !(set & (1 << at)) || (past & ~set) === 0)) pasts.push(set);
  }
  return pasts;
}

type Saying = Pick<SlowStatement, "author" | "member" | "says" | "rank">;

function sayingsOf(authors: readonly number[], members: number): Saying[] {
  const sayings: Saying[] = [];
  for (const author of authors) {
    for (let member = 0; member < members; member++) {
      sayings.push({ author, member, says: "set", rank: 0 });
      if (member !== author) sayings.push({ author, member, says: "set", rank: 2 });
      if (member !== author) sayings.push({ author, member, says: "add", rank: 3 });
    }
  }
  return sayings;
}

function check(history: readonly SlowStatement[], base: number, members: number): void {
  const expected = judgeSlowly(history, members);
  for (const order of ordersOf(history, base)) {
    const actual = judge(history, order, members);
    if (actual !== expected) expect({ history, order, ranks: actual }).toEqual({ history, order, ranks: expected });
  }
}

function everyHistory(base: SlowStatement[], sayings: readonly Saying[], length: number, members: number): number {
  let histories = 0;
  const grow = (history: SlowStatement[]): void => {
    if (history.length === base.length + length) {
      histories++;
      return check(history, base.length, members);
    }
    for (const past of pastsOf(history, base.length)) {
      for (const saying of sayings) grow([...history, { ...saying, past }]);
    }
  };
  grow(base);
  return histories;
}

describe("every history of access statements", () => {
  it("of two, among three admins, has one verdict in all orders", () => {
    expect(everyHistory(baseOf(["admin", "admin"]), sayingsOf([0, 1, 2], 3), 2, 3)).toBeGreaterThan(800);
  });

  it("of three, among two admins and a writer, has one verdict in all orders", () => {
    const all = sayingsOf(IS_LONG ? [0, 1, 2] : [0, 1], 3);
    const sayings = IS_LONG ? all : all.filter(({ rank }) => rank !== 2);
    expect(everyHistory(baseOf(["admin", "writer"]), sayings, 3, 3)).toBeGreaterThan(5_000);
  });

  it("of up to eight, drawn among four members, has one verdict in drawn orders", () => {
    const prng = createPrng(7);
    const base = baseOf(["admin", "admin", "reader"]);
    const sayings = sayingsOf([0, 1, 2, 3], 4);
    for (let run = 0; run < (IS_LONG ? 50_000 : 800); run++) {
      const history = [...base];
      const length = 3 + prng.below(6);
      while (history.length < base.length + length) {
        const pasts = pastsOf(history, base.length);
        history.push({ ...prng.pick(sayings), past: prng.pick(pasts) });
      }
      const expected = judgeSlowly(history, 4);
      for (let i = 0; i < 3; i++) {
        expect(judge(history, drawOrder(history, base.length, prng), 4), JSON.stringify(history)).toBe(expected);
      }
    }
  });
});

function drawOrder(
  history: readonly SlowStatement[],
  base: number,
  prng: { pick<T>(from: readonly T[]): T },
): number[] {
  const order = [...Array(base).keys()];
  while (order.length < history.length) {
    const has = order.reduce((bits, at) => bits | (1 << at), 0);
    const ready = [...history.keys()].filter(
      (at) => !(has & (1 << at)) && ((history[at] as SlowStatement).past & ~has) === 0,
    );
    order.push(prng.pick(ready));
  }
  return order;
}
