/** Frames that no honest node sends. */
import { signInvitation } from "@dunlin/core/access";
import { createPrng, type DeltaId, idKey, type Prng } from "@dunlin/core/base";
import { encodeFrame } from "@dunlin/core/sync";
import { memoCrypto } from "../memo-crypto.ts";
import { boasted, garbled } from "./lies.ts";
import type { Means, Traitor } from "./traitor.ts";

const PAGE_BYTES = 200_000;
const FLOOD_FRAMES = 60;

/** Everything again that it holds. */
export function replay(traitor: Traitor, means: Means, _prng: Prng): void {
  traitor.push(means, means.peers, means.replica.missingFrom(new Map(), PAGE_BYTES).deltas);
}

/** Deltas as the answer to nothing, with more to come. */
export function misfile(traitor: Traitor, means: Means, prng: Prng): void {
  const { deltas } = means.replica.missingFrom(new Map(), PAGE_BYTES);
  for (const peer of means.peers) {
    const said = prng.chance(0.5) ? deltas.slice(0, prng.below(20)) : [];
    traitor.say(means, peer, { kind: "deltas", answer: true, more: true, last: prng.chance(0.5), deltas: said });
  }
}

/** Bytes that are no frame, or nearly one. */
export function noise(_traitor: Traitor, means: Means, prng: Prng): void {
  for (const peer of means.peers) {
    if (prng.chance(0.5)) means.send(peer, prng.bytes(1 + prng.below(200)));
    else means.send(peer, garbled(prng, encodeFrame({ kind: "offer", tags: [prng.bytes(32), prng.bytes(32)] })));
  }
}

/** Asks for everything, over and over. */
export function beg(traitor: Traitor, means: Means, prng: Prng): void {
  const wanted = [prng.bytes(32) as DeltaId];
  const peer = prng.pick(means.peers);
  for (let i = 0; i < FLOOD_FRAMES; i++)
    traitor.say(means, peer, { kind: "pull", wanted, vector: new Map(), pages: 4 });
}

/** Claims to hold and to have flushed what does not exist. */
export function boast(traitor: Traitor, means: Means, prng: Prng): void {
  for (const peer of means.peers) {
    const vector = boasted(prng, means.replica.vector());
    const heads = [prng.bytes(32) as DeltaId];
    traitor.say(means, peer, { kind: "ack", vector });
    traitor.say(means, peer, prng.chance(0.5) ? { kind: "have", vector } : { kind: "state", heads, vector });
  }
}

/** Asks to be spared what it needs and sent what it has. */
export function divert(traitor: Traitor, means: Means, prng: Prng): void {
  const known = [...means.replica.vector().keys()];
  for (const peer of means.peers) {
    const actors = [...new Set([...known.filter(() => prng.chance(0.5)), idKey(prng.bytes(16))])];
    traitor.say(means, peer, { kind: "route", change: prng.chance(0.7) ? "decline" : "accept", actors });
  }
}

/** Searches for what no vector tells of, without having anything. */
export function search(traitor: Traitor, means: Means, prng: Prng): void {
  const peer = prng.pick(means.peers);
  for (let i = 0; i < FLOOD_FRAMES; i++) {
    traitor.say(means, peer, { kind: "parts", ids: [prng.bytes(32) as DeltaId], parts: [] });
    traitor.say(means, peer, { kind: "ranges", claims: [] });
  }
}

/** From now on it serves a state that is nobody's. */
export function poison(traitor: Traitor, means: Means, prng: Prng): void {
  // A store that fails meanwhile closes the replica.
  traitor.snapshots.make(means.replica, prng).catch(() => {});
}

/** Says that what others want is not to be had any more. */
export function discard(traitor: Traitor, means: Means, _prng: Prng): void {
  for (const peer of means.peers) traitor.say(means, peer, { kind: "snapshot", said: { kind: "pruned" } });
}

/** Tickets for a friend: signed by one who may not, or by nobody. */
export function invite(traitor: Traitor, means: Means, prng: Prng): void {
  const { signer } = traitor.forger;
  if (means.replica.roleOf(signer.publicKey) === "admin") return;
  const friend = memoCrypto.createSigner(createPrng(prng.u32()).bytes(32));
  const ticket = signInvitation(memoCrypto, signer, {
    context: means.replica.context,
    inviter: signer.publicKey,
    holder: { kind: "named", key: friend.publicKey },
    uses: 1,
    role: "admin",
    nonce: prng.bytes(16),
    expiresMs: means.wallMs + 1_000_000,
    redeemer: means.replica.member,
    redeemerPeer: "",
    redeemerAddresses: [],
  });
  const invitation = prng.chance(0.5) ? ticket : garbled(prng, ticket);
  const [signature, bearerSignature] = [prng.bytes(64), new Uint8Array(0)];
  for (const peer of means.peers) {
    means.send(peer, encodeFrame({ kind: "redeem", invitation, member: friend.publicKey, signature, bearerSignature }));
  }
}
