/** Which application a context runs, in histories where admins upgrade it apart from each other, or lose their right. */
import { describe, expect, it } from "vitest";
import type { ApplicationId, PublicKey } from "../base/index.ts";
import { type Cut, Cuts, EMPTY_CUT } from "./cuts.ts";
import type { Role, Statement } from "./statement.ts";

const nonce = new Uint8Array(16);
const keyOf = (n: number): PublicKey => new Uint8Array(32).fill(n) as PublicKey;
const application = (n: number): ApplicationId => new Uint8Array(32).fill(n) as ApplicationId;
const upgrade = (n: number): Statement => ({ kind: "upgrade", application: application(n) });
const add = (n: number, role: Role): Statement => ({ kind: "add", member: keyOf(n), role, nonce });
const [ANN, BEN, CAT] = [1, 2, 3] as const;

/** Founded by ann with application 10; ben is an admin, cat a writer. */
class Scene {
  readonly #cuts = new Cuts();
  readonly base: Cut;
  #deltas = 0;

  constructor() {
    const genesis: Statement = { kind: "genesis", application: application(10), seed: nonce };
    const founded = this.says(ANN, genesis, EMPTY_CUT);
    this.base = this.says(ANN, add(CAT, "writer"), this.says(ANN, add(BEN, "admin"), founded));
  }

  says(author: number, statement: Statement, ...after: readonly Cut[]): Cut {
    const delta = String(this.#deltas++).padStart(32, "0");
    return this.#cuts.withStatement(this.#cuts.union(after), { delta, index: 0, author: keyOf(author), statement });
  }

  /** The first byte of each application that it was and is. */
  applications(...cuts: readonly Cut[]): (number | undefined)[] {
    const { applications, application: current } = this.#cuts.stateAt(this.#cuts.union(cuts));
    expect(current).toEqual(applications.at(-1));
    return applications.map((id) => id[0]);
  }
}

describe("the application of a context", () => {
  it("is its genesis's until an admin says otherwise, and then the latest", () => {
    const scene = new Scene();
    expect(scene.applications(scene.base)).toEqual([10]);
    const first = scene.says(ANN, upgrade(30), scene.base);
    const second = scene.says(BEN, upgrade(20), first);
    expect(scene.applications(second)).toEqual([10, 30, 20]);
    expect(scene.applications(scene.says(ANN, upgrade(10), second))).toEqual([10, 30, 20, 10]);
  });

  it("is no writer's to change", () => {
    const scene = new Scene();
    expect(scene.says(CAT, upgrade(20), scene.base)).toBe(scene.base);
  });

  it("is one and the same wherever admins who were apart come together", () => {
    const scene = new Scene();
    const [one, other] = [scene.says(ANN, upgrade(20), scene.base), scene.says(BEN, upgrade(30), scene.base)];
    expect(scene.applications(one, other)).toEqual(scene.applications(other, one));
    // Who knew of more comes later, whatever the ids.
    const longer = scene.says(BEN, upgrade(40), other);
    expect(scene.applications(one, longer).at(-1)).toBe(40);
    expect(scene.applications(scene.says(ANN, upgrade(50), one, longer)).at(-1)).toBe(50);
  });

  it("is not changed by an admin who was removed meanwhile", () => {
    const scene = new Scene();
    const removed = scene.says(ANN, { kind: "remove", member: keyOf(BEN) }, scene.base);
    const backdated = scene.says(BEN, upgrade(20), scene.base);
    expect(scene.applications(backdated)).toEqual([10, 20]);
    expect(scene.applications(removed, backdated)).toEqual([10]);
  });
});
