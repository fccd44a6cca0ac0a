/** What this node's member says of a context, rather than in it: statements, each in a delta that all can read. */
import type { Statement } from "../access/index.ts";
import { type DeltaId, type Failure, must, ok, type PublicKey, type Result } from "../base/index.ts";
import type { Admission } from "./admission.ts";
import type { Committer } from "./committer.ts";
import { refusalToDeclare } from "./membership.ts";
import { accessEntry, type StampedEntry } from "./own-actor.ts";

/** Runs when the replica may write. */
type Enqueue = (queued: { readonly run: () => void; readonly fail: (failure: Failure) => void }) => void;

export interface SayingsPorts {
  readonly admission: Admission;
  readonly member: PublicKey;
  readonly committer: Committer;
  readonly enqueue: Enqueue;
}

export class Sayings {
  readonly #ports: SayingsPorts;

  constructor(ports: SayingsPorts) {
    this.#ports = ports;
  }

  /** Who is added is handed the keys in use in the same delta. */
  declare(statement: Statement): Promise<Result<DeltaId>> {
    const { rights, sealing } = this.#ports.admission;
    const entries = (): StampedEntry[] => {
      const hands = statement.kind === "add" ? sealing.handsTo(statement.member) : [];
      return [statement, ...hands].map(accessEntry);
    };
    const { member } = this.#ports;
    return this.say(entries, () => refusalToDeclare(rights.state, member, rights.roleNow(member), statement));
  }

  /** Says what these entries hold, unless there is a reason not to when the turn comes. */
  say(entries: () => readonly StampedEntry[], refusal: () => Failure | undefined): Promise<Result<DeltaId>> {
    const { committer, enqueue } = this.#ports;
    return new Promise((resolve) => {
      const fail = (error: Failure): void => resolve({ ok: false, error });
      const run = (): void => {
        const why = refusal();
        if (why) return fail(why);
        const settle = (delta: DeltaId | undefined): void => resolve(ok(must(delta, "an entry makes a delta")));
        for (const entry of entries()) committer.join({ entry, settle, fail });
      };
      enqueue({ run, fail });
    });
  }
}
