import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idKey, type PublicKey } from "../base/index.ts";
import { type Cut, Cuts, EMPTY_CUT, type Said } from "./cuts.ts";
import { ACTORS_PER_MEMBER_MAX } from "./limits.ts";
import type { AccessState } from "./state.ts";
import type { Role, Statement } from "./statement.ts";

const member = (n: number): PublicKey => new Uint8Array(32).fill(n) as PublicKey;
const nonce = new Uint8Array(16);
const genesis = { kind: "genesis", application: new Uint8Array(32), seed: nonce } as unknown as Statement;
let said = 0;
/** By member `n`, in a delta of its own unless that is named. */
const by = (n: number, statement: Statement, delta = `delta ${said++}`): Said => ({
  delta: delta.padEnd(32, " "),
  index: 0,
  author: member(n),
  statement,
});
const upgrade = (n: number) =>
  ({ kind: "upgrade", application: new Uint8Array(32).fill(n + 1) }) as unknown as Statement;
const add = (n: number, role: Role): Statement => ({ kind: "add", member: member(n), role, nonce });

interface Node {
  readonly author: number;
  readonly says: { readonly member: number; readonly role: Role } | undefined;
  readonly enrols: boolean;
  readonly upgrades: boolean;
  /** Any numbers: taken modulo what is there. */
  readonly parents: readonly number[];
}

const nodes = fc.array(
  fc.record({
    author: fc.integer({ min: 1, max: 4 }),
    says: fc.option(
      fc.record({ member: fc.integer({ min: 1, max: 4 }), role: fc.constantFrom<Role>("reader", "writer", "admin") }),
      { nil: undefined },
    ),
    enrols: fc.boolean(),
    upgrades: fc.boolean(),
    parents: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 25 },
);

/** Judges the DAG in this order, which must be topological; gives the state at each delta's cut. */
function judge(dag: readonly Node[], order: readonly number[]): AccessState[] {
  const cuts = new Cuts();
  const root = cuts.withEnrolment(cuts.withStatement(EMPTY_CUT, by(1, genesis)), member(1), "founder");
  const cutOf = new Map<number, Cut>();
  for (const at of order) {
    const { author, says, enrols, upgrades } = dag[at] as Node;
    const parents = parentsOf(dag, at);
    let cut = parents.length === 0 ? root : cuts.union(parents.map((parent) => cutOf.get(parent) as Cut));
    if (says) cut = cuts.withStatement(cut, by(author, add(says.member, says.role), `node ${at}`));
    if (upgrades) cut = cuts.withStatement(cut, by(author, upgrade(at), `upgrade ${at}`));
    if (enrols) cut = cuts.withEnrolment(cut, member(author), `actor-${at}`);
    cutOf.set(at, cut);
  }
  return dag.map((_, at) => cuts.stateAt(cutOf.get(at) as Cut));
}

function parentsOf(dag: readonly Node[], at: number): number[] {
  return at === 0 ? [] : [...new Set((dag[at] as Node).parents.map((parent) => parent % at))];
}

/** Another topological order: of what is ready, the one that `draws` say. */
function reorder(dag: readonly Node[], draws: readonly number[]): number[] {
  const order: number[] = [];
  while (order.length < dag.length) {
    const left = [...dag.keys()].filter((at) => !order.includes(at));
    const choices = left.filter((at) => parentsOf(dag, at).every((parent) => order.includes(parent)));
    order.push(choices[(draws[order.length] ?? 0) % choices.length] as number);
  }
  return order;
}

function comparable({ rankByMember, actorsByMember, applications }: AccessState) {
  const actors = [...actorsByMember].map(([key, set]) => [key, [...set].sort()] as const);
  return { ranks: [...rankByMember].sort(), actors: actors.sort(), applications };
}

describe("cuts", () => {
  it("are the same in every order of admission", () => {
    fc.assert(
      fc.property(nodes, fc.array(fc.nat(), { minLength: 25, maxLength: 25 }), (dag, draws) => {
        const plain = judge(dag, [...dag.keys()]).map(comparable);
        expect(judge(dag, reorder(dag, draws)).map(comparable)).toEqual(plain);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it("never lose a right or a member on the way down", () => {
    fc.assert(
      fc.property(nodes, (dag) => {
        const states = judge(dag, [...dag.keys()]);
        for (const at of dag.keys()) {
          for (const parent of parentsOf(dag, at)) {
            for (const [key, rank] of (states[parent] as AccessState).rankByMember) {
              expect((states[at] as AccessState).rankByMember.get(key) ?? 0).toBeGreaterThanOrEqual(rank);
            }
          }
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  it("let nobody but an admin of the cut add anybody", () => {
    const cuts = new Cuts();
    const root = cuts.withStatement(EMPTY_CUT, by(1, genesis));
    expect(cuts.roleAt(cuts.withStatement(root, by(2, add(2, "admin"))), member(2))).toBeUndefined();
    const writer = cuts.withStatement(root, by(1, add(2, "writer")));
    expect(cuts.withStatement(writer, by(2, add(3, "reader")))).toBe(writer);
    const admin = cuts.withStatement(writer, by(1, add(2, "admin")));
    expect(cuts.roleAt(cuts.withStatement(admin, by(2, add(3, "reader"))), member(3))).toBe("reader");
    expect(cuts.roleAt(writer, member(2))).toBe("writer");
    expect(cuts.withStatement(root, by(4, genesis))).toBe(root);
  });

  it("enrol so many actors of a member and no more", () => {
    const cuts = new Cuts();
    let cut = cuts.withStatement(EMPTY_CUT, by(1, genesis));
    for (let i = 0; i < ACTORS_PER_MEMBER_MAX; i++) {
      expect(cuts.mayEnrol(cut, member(1), `a${i}`)).toBe(true);
      cut = cuts.withEnrolment(cut, member(1), `a${i}`);
    }
    expect(cuts.mayEnrol(cut, member(1), "one more")).toBe(false);
    expect(cuts.mayEnrol(cut, member(1), "a3")).toBe(true);
    expect(cuts.stateAt(cut).actorsByMember.get(idKey(member(1)))?.size).toBe(ACTORS_PER_MEMBER_MAX);
  });
});
