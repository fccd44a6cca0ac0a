/**
 * Key epochs as the access log has them: who was given which key, and which keys nobody has who is not a member.
 *
 * An epoch is named by the delta that starts it, which commits to its key by hash. It may be used at a cut when all who
 * were given its key are members there: so it has known every removal, and so has every writer who uses it.
 */
import { idKey } from "../base/index.ts";
import type { Precedes, StatementEvent } from "./events.ts";
import type { EpochStatement } from "./statement.ts";

/** Length of a delta's key, with which the name of each of its statements begins. */
const DELTA_KEY_CHARS = 32;

export interface Epoch {
  /** `idKey` of the delta that started it. */
  readonly key: string;
  readonly author: string;
  readonly statement: EpochStatement;
  /** Whoever was given the key, by whatever statement. */
  readonly holders: ReadonlySet<string>;
}

export interface Epochs {
  /** Oldest first, by what their starters knew. */
  readonly all: readonly Epoch[];
  readonly byKey: ReadonlyMap<string, Epoch>;
  /** Keys that members said they lack, and were not handed since: epoch and member. */
  readonly wanted: readonly (readonly [epoch: string, member: string])[];
}

/** The delta that a statement stands in, as a key. */
export function deltaKeyOf(event: StatementEvent): string {
  return event.id.slice(0, DELTA_KEY_CHARS);
}

export function epochsOf(events: readonly StatementEvent[], precedes: Precedes): Epochs {
  const byKey = new Map<string, Epoch & { readonly holders: Set<string> }>();
  const ordered = [...events].sort((a, b) => a.depth - b.depth || (a.id < b.id ? -1 : 1));
  for (const event of ordered) {
    const { author, statement } = event;
    const key = deltaKeyOf(event);
    if (statement.kind !== "epoch" || byKey.has(key)) continue;
    const holders = new Set([author, ...statement.boxes.map(({ member }) => idKey(member))]);
    byKey.set(key, { key, author, statement, holders });
  }
  for (const { statement } of events) {
    if (statement.kind === "hand") byKey.get(idKey(statement.epoch))?.holders.add(idKey(statement.member));
  }
  return { all: [...byKey.values()], byKey, wanted: wantedOf(events, precedes) };
}

function wantedOf(events: readonly StatementEvent[], precedes: Precedes): [string, string][] {
  const wanted = new Map<string, [string, string]>();
  for (const ask of events) {
    if (ask.statement.kind !== "ask") continue;
    const [epoch, member] = [idKey(ask.statement.epoch), ask.author];
    const isAnswered = events.some((hand) => {
      const { statement } = hand;
      if (statement.kind !== "hand" || idKey(statement.epoch) !== epoch) return false;
      return idKey(statement.member) === member && !precedes(hand, ask);
    });
    if (!isAnswered) wanted.set(epoch + member, [epoch, member]);
  }
  return [...wanted.values()];
}
