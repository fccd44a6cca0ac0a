/**
 * What the access log says at a cut: members with their ranks, actors, keys. A fold of the statements that count, in
 * which order does not matter.
 */
import { idKey, must } from "../base/index.ts";
import { type Epochs, epochsOf } from "./epochs.ts";
import { ADMIN_RANK, type Enrolment, memberOf, type Precedes, type StatementEvent } from "./events.ts";
import { rankOf, sidesByMember } from "./ranks.ts";

/** Keys are `idKey` of a public key, actor, nonce or delta. */
export interface AccessState {
  /** Of members only. */
  readonly rankByMember: ReadonlyMap<string, number>;
  /** Those that are enrolled and not retired. */
  readonly actorsByMember: ReadonlyMap<string, ReadonlySet<string>>;
  readonly retiredActors: ReadonlySet<string>;
  /** Live actors that were silent too long: they are not waited for. */
  readonly dormantActors: ReadonlySet<string>;
  readonly application: Uint8Array | undefined;
  /** Those that it was and is, oldest first: an upgrade comes after what its author knew of. */
  readonly applications: readonly Uint8Array[];
  /** Members that were added by an invitation, by its nonce. */
  readonly addedByNonce: ReadonlyMap<string, ReadonlySet<string>>;
  /** The member who is admin because no admin was left. */
  readonly senior: string | undefined;
  readonly epochs: Epochs;
  /** Keys of the epochs whose key nobody has who is not a member, oldest first. */
  readonly usableEpochs: readonly string[];
}

export const EMPTY_STATE: AccessState = foldState([], [], () => false);

/** The state in which exactly these statements count. */
export function foldState(
  counted: readonly StatementEvent[],
  enrolments: readonly Enrolment[],
  precedes: Precedes,
): AccessState {
  const { ranks: rankByMember, senior } = ranksOf(counted, precedes);
  let epochs: Epochs | undefined;
  let usable: readonly string[] | undefined;
  return {
    rankByMember,
    senior,
    ...actorsOf(counted, enrolments, precedes),
    ...joinedOf(counted),
    ...applicationsOf(counted),
    get epochs() {
      epochs ??= epochsOf(counted, precedes);
      return epochs;
    },
    get usableEpochs() {
      usable ??= this.epochs.all
        .filter(({ holders }) => [...holders].every((holder) => rankByMember.has(holder)))
        .map(({ key }) => key);
      return usable;
    },
  };
}

function ranksOf(counted: readonly StatementEvent[], precedes: Precedes) {
  const ranks = new Map<string, number>();
  const sides = sidesByMember(counted, memberOf);
  for (const [member, of] of sides) {
    const rank = rankOf(of, precedes);
    if (rank > 0) ranks.set(member, rank);
  }
  const hasAdmin = ranks.size === 0 || [...ranks.values()].includes(ADMIN_RANK);
  const senior = hasAdmin ? undefined : firstAdded(ranks, sides);
  if (senior !== undefined) ranks.set(senior, ADMIN_RANK);
  return { ranks, senior };
}

/** Of the members, the one that was given a role first: by how much its giver knew, then by the statement's name. */
function firstAdded(
  ranks: ReadonlyMap<string, number>,
  sides: ReadonlyMap<string, { readonly given: readonly StatementEvent[] }>,
): string {
  let first: { readonly member: string; readonly by: StatementEvent } | undefined;
  for (const member of ranks.keys()) {
    for (const by of sides.get(member)?.given ?? []) {
      const isEarlier = !first || by.depth < first.by.depth || (by.depth === first.by.depth && by.id < first.by.id);
      if (isEarlier) first = { member, by };
    }
  }
  return must(first, "a member was once given a role").member;
}

function actorsOf(counted: readonly StatementEvent[], enrolments: readonly Enrolment[], precedes: Precedes) {
  const retiredActors = new Set<string>();
  const sleeps: StatementEvent[] = [];
  const wakes: StatementEvent[] = [];
  for (const event of counted) {
    const { statement } = event;
    if (statement.kind === "retire") retiredActors.add(idKey(statement.actor));
    else if (statement.kind === "dormant") sleeps.push(event);
    else if (statement.kind === "awake") wakes.push(event);
  }
  const actorsByMember = new Map<string, Set<string>>();
  for (const { member, actor } of enrolments) {
    if (retiredActors.has(actor)) continue;
    actorsByMember.set(member, (actorsByMember.get(member) ?? new Set()).add(actor));
  }
  const asleep = sleeps.filter((sleep) => {
    return !wakes.some((wake) => actorNamed(wake) === actorNamed(sleep) && precedes(sleep, wake));
  });
  const dormantActors = new Set(asleep.map(actorNamed).filter((actor) => !retiredActors.has(actor)));
  return { actorsByMember, retiredActors, dormantActors };
}

function actorNamed({ statement }: StatementEvent): string {
  return "actor" in statement ? idKey(statement.actor) : "";
}

function joinedOf(counted: readonly StatementEvent[]) {
  const addedByNonce = new Map<string, Set<string>>();
  for (const { statement } of counted) {
    if (statement.kind !== "add") continue;
    const nonce = idKey(statement.nonce);
    addedByNonce.set(nonce, (addedByNonce.get(nonce) ?? new Set()).add(idKey(statement.member)));
  }
  return { addedByNonce };
}

/** Whoever knew of an upgrade knew more than its author did, so what is later in time is later here. */
function applicationsOf(counted: readonly StatementEvent[]) {
  const said = counted.flatMap(({ depth, id, statement }) =>
    statement.kind === "genesis" || statement.kind === "upgrade"
      ? [{ depth, id, application: statement.application as Uint8Array }]
      : [],
  );
  said.sort((one, other) => one.depth - other.depth || (one.id < other.id ? -1 : 1));
  const applications = said.map(({ application }) => application);
  return { applications, application: applications.at(-1) };
}
