/**
 * The DAG: its structure alone (deltas decoded and proven before), and admission whole: decoded, hashed, proven, judged
 * and applied, without a store's flush.
 */
import {
  applicationId,
  type ContextId,
  compareBytes,
  createPrng,
  type DeltaId,
  idKey,
  nextStamp,
  type Stamp,
} from "@dunlin/core/base";
import { Document } from "@dunlin/core/crdt";
import { createCrypto } from "@dunlin/core/crypto";
import { type AuthenticDelta, Graph, Pending, type Place, type Proven, signDelta } from "@dunlin/core/dag";
import { Admission, createGenesis, encodePayload } from "@dunlin/core/replica";
import type { Figures } from "../isolated.ts";
import { check } from "../measure.ts";
import { Samples } from "./samples.ts";

export const CATCH_UP = 10_000;
export const ALONE = 500;
const PAGE_DELTAS = 600;
/** Of the short works, per run: the first few are cold. */
const REPEATS = 20;
const WIDE = 100_000;
const START_MS = 1_800_000_000_000;

/** The orders of arrival that are measured, and how many deltas come in each. */
export const ARRIVALS: readonly { readonly name: string; readonly count: number; readonly reversed: boolean }[] = [
  { name: "inOrder1k", count: 1_000, reversed: false },
  { name: "reversed1k", count: 1_000, reversed: true },
  { name: "reversed10k", count: 10_000, reversed: true },
];

/** Microseconds for each delta. */
export function dag(runs: number): Figures {
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    for (const { name, count, reversed } of ARRIVALS) {
      const chain = headersOf(count, run);
      if (reversed) chain.reverse();
      for (let warm = 0; warm < REPEATS; warm++) samples.each(name, count, () => structure(chain));
    }
    const deep = headersOf(Number(process.env["DUNLIN_DAG_DEEP"] ?? WIDE), run);
    samples.each("deep", deep.length, () => structure(deep));
    const wide = headersOf(WIDE, run, true);
    samples.each("wide", WIDE, () => structure(wide));
    admitted(samples);
  }
  return samples.figures;
}

/** A chain of one author, or many deltas beside each other: decoded and proven. */
export function headersOf(count: number, seed: number, beside = false): Proven[] {
  const prng = createPrng(seed + 1);
  const ids = Array.from({ length: count }, () => prng.bytes(32) as DeltaId);
  const actor = prng.bytes(16);
  const keys = ids.map(idKey);
  return ids.map((id, at) => {
    const before = beside ? Math.min(at, 1) - 1 : at - 1;
    const parents = before < 0 ? [] : [ids[before]];
    const parentKeys = before < 0 ? [] : [keys[before]];
    const sequence = beside ? 1 : at + 1;
    const whose = beside ? prng.bytes(16) : actor;
    const names = { id, key: keys[at], actor: whose, actorKey: idKey(whose), parents, parentKeys };
    const prevKey = beside ? undefined : parentKeys[0];
    const delta = { ...names, sequence, stamp: at + 1, prevKey, member: undefined, bytes: new Uint8Array(200) };
    return { proven: true, delta: delta as unknown as AuthenticDelta, isSigned: true, span: 200 };
  });
}

/** What admission does with the graph and what waits, and nothing else. */
function structure(arrivals: readonly Proven[]): void {
  const pending = new Pending();
  const graph = fillGraph(new Graph(), pending, arrivals);
  check(graph.size === arrivals.length && pending.size === 0, "all are admitted");
}

export function fillGraph(graph: Graph, pending: Pending, arrivals: readonly Proven[]): Graph {
  const place = (delta: AuthenticDelta): Place => {
    const parents = delta.parentKeys.map((key) => graph.orderOf(key) ?? 0);
    const prev = delta.prevKey === undefined ? undefined : graph.orderOf(delta.prevKey);
    return { parents, prev, isSigned: true, isBare: false };
  };
  for (const proven of arrivals) {
    const missing = proven.delta.parentKeys.filter((key) => !graph.has(key));
    if (missing.length > 0) {
      pending.add(proven, missing, 0);
      continue;
    }
    const queue: { readonly delta: Proven["delta"] }[] = [proven];
    for (let at = 0; at < queue.length; at++) {
      const { delta } = queue[at] as Proven;
      graph.append(delta, place(delta));
      for (const next of pending.release(delta.key)) queue.push(next as Proven);
    }
  }
  return graph;
}

function admitted(samples: Samples): void {
  const crypto = createCrypto();
  const prng = createPrng(7);
  const random = { bytes: (length: number) => prng.bytes(length) };
  const signer = crypto.createSigner(random.bytes(32));
  const genesis = createGenesis({ crypto, random }, signer, applicationId(new Uint8Array(32)), START_MS - 1);
  const chain = signedChain(genesis.context, signer, CATCH_UP);
  const open = () => {
    const document = new Document({ get: () => undefined, range: () => [] });
    const admission = new Admission(crypto, genesis.context, (delta, member, entries) => {
      for (const entry of entries) {
        if (entry.kind === "call") document.apply(entry.joins, { stamp: delta.stamp, actor: delta.actor, member });
      }
    });
    admission.admit(genesis.bytes, START_MS);
    return admission;
  };
  const catchUp = open();
  samples.each("catchUp", CATCH_UP, () => {
    for (let at = 0; at < chain.length; at += PAGE_DELTAS) {
      catchUp.admitMany(chain.slice(at, at + PAGE_DELTAS), START_MS);
    }
  });
  const single = open();
  samples.each("alone", ALONE, () => {
    for (const bytes of chain.slice(0, ALONE)) single.admit(bytes, START_MS);
  });
  check(catchUp.graph.size === CATCH_UP + 1 && single.graph.size === ALONE + 1, "all are admitted");
  const message = random.bytes(32);
  const signature = signer.sign(message);
  samples.each("verify", ALONE, () => {
    for (let i = 0; i < ALONE; i++) check(crypto.verify(signer.publicKey, message, signature), "it verifies");
  });
}

/** One author's deltas after the genesis, each with ten sets of a map of 1000 keys. */
function signedChain(
  context: ContextId,
  signer: ReturnType<ReturnType<typeof createCrypto>["createSigner"]>,
  count: number,
): Uint8Array[] {
  const crypto = createCrypto();
  const document = new Document({ get: () => undefined, range: () => [] });
  const replica = createPrng(9).bytes(16);
  const chain: AuthenticDelta[] = [];
  let stamp = nextStamp(0 as Stamp, START_MS);
  for (let i = 0; i < count; i++) {
    const last = chain.at(-1);
    const origin = {
      stamp,
      actor: (last?.actor ?? new Uint8Array(16)) as AuthenticDelta["actor"],
      member: signer.publicKey,
    };
    const transaction = document.begin(origin);
    const map = transaction.field("map", "entries");
    for (let k = 0; k < 10; k++) map.set(`key-${(i * 10 + k) % 1000}`, `value-${i}`);
    const joins = transaction.commit() ?? new Uint8Array(0);
    const parents = [(last?.id ?? context) as Uint8Array as DeltaId].sort(compareBytes);
    const author = last
      ? ({ first: false, actor: last.actor, sequence: i + 1, prev: last.id } as const)
      : ({ first: true, member: signer.publicKey, replica } as const);
    const body = {
      author,
      stamp,
      parents,
      epoch: undefined,
      cause: undefined,
      applicationVersion: undefined,
      extensions: [],
      sealed: false,
      payload: encodePayload([{ kind: "call", offset: 0, joins, events: [] }]),
    };
    chain.push(signDelta(crypto, signer, context, body));
    stamp = nextStamp(stamp, START_MS);
  }
  return chain.map(({ bytes }) => bytes);
}
