/** Which statements count, in the histories that break weaker rules: `C2` and its kin. */
import { describe, expect, it } from "vitest";
import { type ActorId, idKey, type PublicKey } from "../base/index.ts";
import { type Cut, Cuts, EMPTY_CUT } from "./cuts.ts";
import type { Role, Statement } from "./statement.ts";

const NAMES = ["ann", "ben", "cat", "dan", "eve"] as const;
type Name = (typeof NAMES)[number];

const keyOf = (name: Name): PublicKey => new Uint8Array(32).fill(NAMES.indexOf(name) + 1) as PublicKey;
const actor = (n: number): ActorId => new Uint8Array(16).fill(n) as ActorId;
const nonce = new Uint8Array(16);
const add = (name: Name, role: Role): Statement => ({ kind: "add", member: keyOf(name), role, nonce });
const set = (name: Name, role: Role): Statement => ({ kind: "role", member: keyOf(name), role });
const remove = (name: Name): Statement => ({ kind: "remove", member: keyOf(name) });

/** A context that ann founded, with ben and cat as admins, dan as a writer. */
class Scene {
  readonly cuts = new Cuts();
  readonly base: Cut;
  #deltas = 0;

  constructor(others: readonly (readonly [Name, Role])[]) {
    const genesis = { kind: "genesis", application: new Uint8Array(32), seed: nonce } as unknown as Statement;
    let cut = this.says("ann", genesis, EMPTY_CUT);
    for (const [name, role] of others) cut = this.says("ann", add(name, role), cut);
    this.base = cut;
  }

  /** The cut of a delta that follows these. */
  says(author: Name, statement: Statement, ...after: readonly Cut[]): Cut {
    const delta = String(this.#deltas++).padStart(32, "0");
    return this.cuts.withStatement(this.cuts.union(after), { delta, index: 0, author: keyOf(author), statement });
  }

  roles(...cuts: readonly Cut[]): Partial<Record<Name, Role>> {
    const cut = this.cuts.union(cuts);
    return Object.fromEntries(
      NAMES.flatMap((name) => {
        const role = this.cuts.roleAt(cut, keyOf(name));
        return role ? [[name, role]] : [];
      }),
    );
  }
}

const scene = () =>
  new Scene([
    ["ben", "admin"],
    ["cat", "admin"],
    ["dan", "writer"],
  ]);
const all = { ann: "admin", ben: "admin", cat: "admin", dan: "writer" };

describe("a member's role", () => {
  it("is taken, lowered, raised and given again by who knows of it", () => {
    const { base, roles, says } = bound(scene());
    const removed = says("ann", remove("dan"), base);
    expect(roles(removed)).toEqual({ ann: "admin", ben: "admin", cat: "admin" });
    expect(roles(says("ben", add("dan", "reader"), removed))).toEqual({ ...all, dan: "reader" });
    const lowered = says("ann", set("ben", "reader"), base);
    expect(roles(lowered)).toEqual({ ...all, ben: "reader" });
    expect(roles(says("cat", set("ben", "admin"), lowered))).toEqual(all);
    expect(roles(says("ann", add("ben", "reader"), base))).toEqual(all);
    expect(roles(says("ann", set("dan", "admin"), base))).toEqual({ ...all, dan: "admin" });
  });

  it("stays taken from whom somebody else gave more meanwhile", () => {
    const { base, roles, says } = bound(scene());
    const removed = says("ann", remove("dan"), base);
    const raised = says("ben", set("dan", "admin"), base);
    expect(roles(removed, raised)).toEqual({ ann: "admin", ben: "admin", cat: "admin" });
    const lowered = says("cat", set("dan", "reader"), base);
    expect(roles(lowered, raised)).toEqual({ ...all, dan: "reader" });
    expect(roles(lowered, removed)).toEqual({ ann: "admin", ben: "admin", cat: "admin" });
  });

  it("may be laid down by the member itself, and by no other writer", () => {
    const { base, roles, says } = bound(scene());
    expect(roles(says("dan", remove("dan"), base))).toEqual({ ann: "admin", ben: "admin", cat: "admin" });
    expect(roles(says("dan", remove("ben"), base))).toEqual(all);
    expect(roles(says("dan", set("dan", "admin"), base))).toEqual(all);
  });
});

describe("C2: a removed admin's statements on old parents", () => {
  it("give nobody anything", () => {
    const { base, roles, says } = bound(scene());
    const removed = says("ann", remove("ben"), base);
    const backdated = says("ben", add("eve", "admin"), base);
    expect(roles(removed, backdated)).toEqual({ ann: "admin", cat: "admin", dan: "writer" });
    // Whoever was so added can do nothing either.
    const puppets = says("eve", remove("cat"), backdated);
    expect(roles(puppets)).toEqual({ ann: "admin", ben: "admin", dan: "writer", eve: "admin" });
    expect(roles(removed, puppets)).toEqual({ ann: "admin", cat: "admin", dan: "writer" });
  });

  it("remove nobody but who removed it", () => {
    const { base, roles, says } = bound(scene());
    const removed = says("ann", remove("ben"), base);
    const bystander = says("ben", remove("cat"), base);
    expect(roles(removed, bystander)).toEqual({ ann: "admin", cat: "admin", dan: "writer" });
    const revenge = says("ben", remove("ann"), base);
    expect(roles(removed, revenge)).toEqual({ cat: "admin", dan: "writer" });
    expect(roles(removed, revenge, bystander)).toEqual({ cat: "admin", dan: "writer" });
  });

  it("count when they came first, or the remover knew of them", () => {
    const { base, roles, says } = bound(scene());
    const added = says("ben", add("eve", "reader"), base);
    const removed = says("ann", remove("ben"), added);
    expect(roles(removed)).toEqual({ ann: "admin", cat: "admin", dan: "writer", eve: "reader" });
  });

  it("count when another admin went on from them without knowing of the removal", () => {
    const { base, roles, says } = bound(scene());
    const removed = says("ann", remove("ben"), base);
    const added = says("ben", add("eve", "reader"), base);
    const confirmed = says("cat", set("dan", "reader"), added);
    const expected = { ann: "admin", cat: "admin", dan: "reader", eve: "reader" };
    expect(roles(removed, confirmed)).toEqual(expected);
    expect(roles(says("ann", set("dan", "writer"), removed, confirmed))).toEqual({ ...expected, dan: "writer" });
    // Not by a writer, who has no say, nor by an admin that the removed one made.
    const byWriter = says("dan", { kind: "retire", actor: actor(1) }, added);
    expect(roles(removed, byWriter)).toEqual({ ann: "admin", cat: "admin", dan: "writer" });
    const puppet = says("ben", add("eve", "admin"), base);
    const byPuppet = says("eve", set("dan", "reader"), puppet);
    expect(roles(removed, byPuppet)).toEqual({ ann: "admin", cat: "admin", dan: "writer" });
  });

  it("are no stronger for a demotion than for a removal", () => {
    const { base, roles, says } = bound(scene());
    const demoted = says("ann", set("ben", "writer"), base);
    const backdated = says("ben", remove("cat"), base);
    expect(roles(demoted, backdated)).toEqual({ ...all, ben: "writer" });
    expect(roles(demoted, says("ben", set("ann", "reader"), base))).toEqual({ ...all, ann: "reader", ben: "writer" });
  });
});

describe("admins who remove each other", () => {
  it("are all out, and so are rings of them", () => {
    const { base, roles, says } = bound(scene());
    const [one, other] = [says("ann", remove("ben"), base), says("ben", remove("ann"), base)];
    expect(roles(one, other)).toEqual({ cat: "admin", dan: "writer" });
    const ring = [says("ann", remove("ben"), base), says("ben", remove("cat"), base), says("cat", remove("ann"), base)];
    expect(roles(...ring)).toEqual({ dan: "admin" });
    expect(roles(...ring.slice(0, 2))).toEqual({ ann: "admin", cat: "admin", dan: "writer" });
  });

  it("leave the member who was added first as admin, whose statements count from then on", () => {
    const founded = bound(
      new Scene([
        ["ben", "admin"],
        ["cat", "reader"],
        ["dan", "writer"],
      ]),
    );
    const { base, roles, says } = founded;
    const out = [says("ann", remove("ben"), base), says("ben", remove("ann"), base)];
    expect(roles(...out)).toEqual({ cat: "admin", dan: "writer" });
    const raised = says("cat", set("dan", "admin"), ...out);
    expect(roles(raised)).toEqual({ dan: "admin", cat: "reader" });
    expect(roles(says("dan", remove("cat"), raised))).toEqual({ dan: "admin" });
  });

  it("leave nobody where nobody is left", () => {
    const { base, roles, says } = bound(new Scene([]));
    expect(roles(says("ann", remove("ann"), base))).toEqual({});
  });
});

describe("actors", () => {
  it("are retired by their member or an admin, and give their place to others", () => {
    const { cuts, base, says } = bound(scene());
    let cut = base;
    for (let i = 0; i < 16; i++) cut = cuts.withEnrolment(cut, keyOf("dan"), idKey(actor(i)));
    expect(cuts.mayEnrol(cut, keyOf("dan"), idKey(actor(99)))).toBe(false);
    const own = says("dan", { kind: "retire", actor: actor(3) }, cut);
    expect(cuts.mayEnrol(own, keyOf("dan"), idKey(actor(99)))).toBe(true);
    expect(cuts.mayEnrol(own, keyOf("dan"), idKey(actor(3)))).toBe(false);
    expect(
      cuts
        .stateAt(own)
        .actorsByMember.get(idKey(keyOf("dan")))
        ?.has(idKey(actor(3))),
    ).toBe(false);
    const byAdmin = says("cat", { kind: "retire", actor: actor(4) }, own);
    expect([...cuts.stateAt(byAdmin).retiredActors].sort()).toEqual([idKey(actor(3)), idKey(actor(4))]);
    expect(says("dan", { kind: "retire", actor: actor(99) }, cut)).toBe(cut);
  });

  it("sleep until somebody who knows of it wakes them", () => {
    const { cuts, base, says } = bound(scene());
    const enrolled = cuts.withEnrolment(base, keyOf("dan"), idKey(actor(1)));
    const asleep = says("ann", { kind: "dormant", actor: actor(1) }, enrolled);
    expect([...cuts.stateAt(asleep).dormantActors]).toEqual([idKey(actor(1))]);
    const awake = says("dan", { kind: "awake", actor: actor(1) }, asleep);
    expect(cuts.stateAt(awake).dormantActors.size).toBe(0);
    const before = says("dan", { kind: "awake", actor: actor(1) }, enrolled);
    expect(cuts.stateAt(cuts.union([before, asleep])).dormantActors.size).toBe(1);
  });
});

/** The scene with its methods bound, to be taken apart. */
function bound(of: Scene) {
  return {
    cuts: of.cuts,
    base: of.base,
    says: of.says.bind(of),
    roles: of.roles.bind(of),
  };
}
