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
  /** The key as it was sealed to each, by its starter and by others who handed it over. */
  readonly boxesByMember: ReadonlyMap<string, readonly { readonly sealer: string; readonly box: Uint8Array }[]>;
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
  const byKey = new Map<string, Growing>();
  const ordered = [...events].sort((a, b) => a.depth - b.depth || (a.id < b.id ? -1 : 1));
  for (const event of ordered) {
    const { author, statement } = event;
    const key = deltaKeyOf(event);
    if (statement.kind !== "epoch" || byKey.has(key)) continue;
    const epoch: Growing = { key, author, statement, holders: new Set([author]), boxesByMember: new Map() };
    for (const { member, box } of statement.boxes) give(epoch, idKey(member), author, box);
    byKey.set(key, epoch);
  }
  for (const { author, statement } of ordered) {
    const epoch = statement.kind === "hand" ? byKey.get(idKey(statement.epoch)) : undefined;
    if (epoch && statement.kind === "hand") give(epoch, idKey(statement.member), author, statement.box);
  }
  return { all: [...byKey.values()], byKey, wanted: wantedOf(events, precedes) };
}

interface Growing extends Epoch {
  readonly holders: Set<string>;
  readonly boxesByMember: Map<string, { readonly sealer: string; readonly box: Uint8Array }[]>;
}

function give({ holders, boxesByMember }: Growing, member: string, sealer: string, box: Uint8Array): void {
  holders.add(member);
  boxesByMember.set(member, [...(boxesByMember.get(member) ?? []), { sealer, box }]);
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
