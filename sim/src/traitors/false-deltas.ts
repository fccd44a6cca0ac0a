/** Deltas that no honest node writes, and who is shown which. */
import { encodeStatement, type Statement } from "@dunlin/core/access";
import {
  type ActorId,
  bytesEqual,
  type DeltaId,
  idKey,
  idKeyToBytes,
  type PeerId,
  type Prng,
  type PublicKey,
  type Stamp,
} from "@dunlin/core/base";
import type { AuthenticDelta } from "@dunlin/core/dag";
import type { PayloadEntry } from "@dunlin/core/replica";
import { falseCheckpoint, stripped } from "./false-snapshots.ts";
import type { Mask, Parent, Writing } from "./forger.ts";
import type { Means, Traitor } from "./traitor.ts";

const BRANCHES_LOOKED_AT = 6;
/** Stamps count 2,048 a millisecond. */
const STAMPS_PER_MS = 2_048;
const AHEAD_MS = [30_000, 120_000, 3_600_000, 31_536_000_000];

/** Two deltas that follow one, each shown to some; earlier branches go on likewise. */
export function equivocate(traitor: Traitor, means: Means, prng: Prng): void {
  const mask = maskOf(traitor, prng);
  const after = recentOf(mask, prng);
  const parents = after ? besides(headsOf(means), after) : headsOf(means);
  const twins = [0, 1].map(() => write(traitor, means, { mask, after, parents }));
  for (const peer of means.peers) traitor.push(means, [peer], [prng.pick(twins).bytes]);
}

/** On what is long since followed, with the least stamp that this allows. */
export function backdate(traitor: Traitor, means: Means, prng: Prng): void {
  const mask = maskOf(traitor, prng);
  const after = mask.written[0] && prng.pick(mask.written);
  const parent = anyDelta(means, prng);
  const stamp = Math.max(parent.stamp, after?.stamp ?? 0) + 1;
  show(traitor, means, prng, [write(traitor, means, { mask, after, parents: [parent], stamp })]);
}

export function postdate(traitor: Traitor, means: Means, prng: Prng): void {
  const stamp = (means.wallMs + prng.pick(AHEAD_MS)) * STAMPS_PER_MS;
  show(traitor, means, prng, [write(traitor, means, { ...next(traitor, means, prng), stamp })]);
}

/** Its stamp is below a parent's. */
export function descend(traitor: Traitor, means: Means, prng: Prng): void {
  const writing = next(traitor, means, prng);
  const least = Math.min(...writing.parents.map(({ stamp }) => stamp));
  show(traitor, means, prng, [write(traitor, means, { ...writing, stamp: Math.max(1, least - prng.below(5_000)) })]);
}

/** The next delta of somebody else's actor, signed by the traitor or by nobody. */
export function forge(traitor: Traitor, means: Means, prng: Prng): void {
  const victim = anyDelta(means, prng);
  const { graph } = means.replica;
  let tip = victim.order;
  for (let order = graph.size - 1; order > tip; order--) {
    if (bytesEqual(graph.actorOf(order), graph.actorOf(victim.order))) tip = order;
  }
  const actor = graph.actorOf(tip).slice() as ActorId;
  const sequence = (means.replica.vector().get(idKey(actor)) ?? 0) + 1;
  const prev = graph.idOf(tip).slice() as DeltaId;
  const mask: Mask = { ...(traitor.forger.masks[0] ?? traitor.forger.mask()), written: [] };
  const body = { author: { first: false, actor, sequence: Math.max(2, sequence), prev } } as const;
  const delta = traitor.forger.write(means.replica, means.wallMs, {
    mask,
    after: undefined,
    parents: [{ id: prev, stamp: graph.stampOf(tip) }],
    body,
  });
  show(traitor, means, prng, [], [prng.chance(0.5) ? delta.bytes : traitor.forger.spoil(delta)]);
}

/** The first delta of an actor of somebody else's member. */
export function impersonate(traitor: Traitor, means: Means, prng: Prng): void {
  const member = idKeyToBytes(prng.pick([...means.replica.access().rankByMember.keys()])) as PublicKey;
  const mask: Mask = { replica: prng.bytes(16), actor: prng.bytes(16) as ActorId, written: [] };
  const delta = traitor.forger.write(means.replica, means.wallMs, {
    mask,
    after: undefined,
    parents: headsOf(means),
    body: { author: { first: true, member, replica: mask.replica } },
  });
  show(traitor, means, prng, [], [delta.bytes]);
}

/** Many that follow what does not exist. */
export function orphans(traitor: Traitor, means: Means, prng: Prng): void {
  const mask = maskOf(traitor, prng);
  const first = mask.written[0] ?? write(traitor, means, { mask, after: undefined, parents: headsOf(means) });
  const deltas = [first.bytes];
  const count = 1 + prng.below(200);
  for (let i = 0; i < count; i++) {
    const parents: Parent[] = [{ id: prng.bytes(32) as DeltaId, stamp: first.stamp }];
    const flood = { ...mask, written: [] };
    deltas.push(write(traitor, means, { mask: flood, after: first, parents, isSealed: false }).bytes);
  }
  show(traitor, means, prng, [], deltas);
}

/** Many of actors that nobody knows. */
export function strangers(traitor: Traitor, means: Means, prng: Prng): void {
  const count = 1 + prng.below(400);
  const isOne = prng.chance(0.5);
  const one = prng.bytes(16) as ActorId;
  const deltas = Array.from({ length: count }, (_, i) => {
    const mask: Mask = { replica: prng.bytes(16), actor: isOne ? one : (prng.bytes(16) as ActorId), written: [] };
    const prev = prng.bytes(32) as DeltaId;
    const body = { author: { first: false, actor: mask.actor, sequence: 2 + i, prev } } as const;
    const writing = { mask, after: undefined, parents: headsOf(means), isSealed: false, body };
    return traitor.forger.write(means.replica, means.wallMs, writing).bytes;
  });
  show(traitor, means, prng, [], deltas);
}

/** Says what only an admin may say. */
export function trespass(traitor: Traitor, means: Means, prng: Prng): void {
  if (means.replica.roleOf(traitor.forger.signer.publicKey) === "admin") return;
  const self = traitor.forger.signer.publicKey;
  const member = idKeyToBytes(prng.pick([...means.replica.access().rankByMember.keys()])) as PublicKey;
  const statement = prng.pick<Statement>([
    { kind: "add", member: traitor.forger.signer.publicKey, role: "admin", nonce: prng.bytes(16) },
    { kind: "role", member: self, role: "admin" },
    { kind: "remove", member },
    { kind: "role", member, role: "reader" },
  ]);
  // Leaving is every member's right.
  if (statement.kind === "remove" && bytesEqual(member, self)) return;
  const entries: PayloadEntry[] = [{ kind: "access", statement: encodeStatement(statement) }];
  show(traitor, means, prng, [write(traitor, means, { ...next(traitor, means, prng), entries, isSealed: false })]);
}

/** Calls that all can read, where they must be sealed. */
export function bare(traitor: Traitor, means: Means, prng: Prng): void {
  show(traitor, means, prng, [write(traitor, means, { ...next(traitor, means, prng), isSealed: false })]);
}

/** Sealed, and does not open. */
export function scramble(traitor: Traitor, means: Means, prng: Prng): void {
  const body = { sealed: true, payload: prng.bytes(40 + prng.below(100)) };
  show(traitor, means, prng, [write(traitor, means, { ...next(traitor, means, prng), body })]);
}

/** Signs a checkpoint of a false state, alone. */
export function usurp(traitor: Traitor, means: Means, prng: Prng): void {
  const signed = (root: Uint8Array): DeltaId | undefined => {
    if (means.replica.closed) return undefined;
    const entries: PayloadEntry[] = [{ kind: "access", statement: falseCheckpoint(means.replica, root) }];
    const delta = write(traitor, means, { ...next(traitor, means, prng), entries, isSealed: false });
    traitor.push(means, means.peers, [delta.bytes]);
    return delta.id;
  };
  traitor.snapshots.make(means.replica, prng, signed).catch(() => {});
}

/** Gives away what it has written without the payloads, which it keeps. */
export function strip(traitor: Traitor, means: Means, prng: Prng): void {
  const deltas = chain(traitor, means, prng, 1 + prng.below(4));
  show(traitor, means, prng, [], stripped(deltas.map(({ bytes }) => bytes)));
}

/** Leaves out a sequence number. */
export function skip(traitor: Traitor, means: Means, prng: Prng): void {
  const { mask, after, parents } = next(traitor, means, prng);
  if (!after) return;
  const body = { author: { first: false, actor: mask.actor, sequence: after.sequence + 3, prev: after.id } } as const;
  const delta = write(traitor, means, { mask, after, parents, body });
  mask.written.pop();
  show(traitor, means, prng, [delta]);
}

/** One actor after another, more than a member may have. */
export function crowd(traitor: Traitor, means: Means, prng: Prng): void {
  const deltas = Array.from({ length: 8 }, () =>
    write(traitor, means, { mask: traitor.forger.mask(), after: undefined, parents: headsOf(means) }),
  );
  show(traitor, means, prng, deltas);
}

/** Many heads at once: branches of one actor. */
export function wide(traitor: Traitor, means: Means, prng: Prng): void {
  const writing = next(traitor, means, prng);
  show(
    traitor,
    means,
    prng,
    Array.from({ length: 2 + prng.below(40) }, () => write(traitor, means, writing)),
  );
}

export function deep(traitor: Traitor, means: Means, prng: Prng): void {
  show(traitor, means, prng, chain(traitor, means, prng, 2 + prng.below(80)));
}

/** Shows the end of a chain and keeps the rest. */
export function hoard(traitor: Traitor, means: Means, prng: Prng): void {
  show(traitor, means, prng, chain(traitor, means, prng, 2 + prng.below(20)).slice(-1));
}

function chain(traitor: Traitor, means: Means, prng: Prng, length: number): AuthenticDelta[] {
  const { mask, after, parents } = next(traitor, means, prng);
  const deltas: AuthenticDelta[] = [];
  for (let i = 0; i < length; i++) {
    const before = deltas.at(-1);
    deltas.push(write(traitor, means, { mask, after: before ?? after, parents: before ? [before] : parents }));
  }
  return deltas;
}

/** An honest next delta of one of the traitor's actors. */
function next(traitor: Traitor, means: Means, prng: Prng): Writing {
  const mask = maskOf(traitor, prng);
  const after = recentOf(mask, prng);
  return { mask, after, parents: after ? besides(headsOf(means), after) : headsOf(means) };
}

function write(traitor: Traitor, means: Means, writing: Writing): AuthenticDelta {
  return traitor.forger.write(means.replica, means.wallMs, writing);
}

/** To all, or to some. */
function show(
  traitor: Traitor,
  means: Means,
  prng: Prng,
  deltas: readonly AuthenticDelta[],
  others: readonly Uint8Array[] = [],
): void {
  const peers: PeerId[] = prng.chance(0.5) ? [...means.peers] : means.peers.filter(() => prng.chance(0.5));
  traitor.push(means, peers, [...deltas.map(({ bytes }) => bytes), ...others]);
}

function maskOf({ forger }: Traitor, prng: Prng): Mask {
  return forger.masks.length === 0 || (forger.masks.length < 6 && prng.chance(0.1))
    ? forger.mask()
    : prng.pick(forger.masks);
}

function recentOf({ written }: Mask, prng: Prng): AuthenticDelta | undefined {
  const recent = written.slice(-BRANCHES_LOOKED_AT);
  return recent.length > 0 ? prng.pick(recent) : undefined;
}

/** As many as a delta may have, less one. */
function headsOf({ replica }: Means): Parent[] {
  const { graph, flushed } = replica;
  return flushed.heads.slice(0, 31).flatMap((id) => {
    const order = graph.orderOf(idKey(id));
    return order === undefined ? [] : { id: id.slice() as DeltaId, stamp: graph.stampOf(order) };
  });
}

function besides(parents: readonly Parent[], own: AuthenticDelta): Parent[] {
  return [own, ...parents.filter(({ id }) => !bytesEqual(id, own.id))];
}

function anyDelta({ replica: { graph } }: Means, prng: Prng): Parent & { readonly order: number } {
  const order = prng.below(graph.size);
  return { order, id: graph.idOf(order).slice() as DeltaId, stamp: graph.stampOf(order) as Stamp };
}
