/** For tests of checkpoints: members with a replica each, in one process, who exchange deltas when told to. */
import { NONCE_BYTES, type Role } from "../../access/index.ts";
import {
  assert,
  bytesToHex,
  EMPTY_BYTES,
  type Entry,
  idKey,
  idKeyToBytes,
  type KeyValueStore,
  must,
  type Prng,
  type Signer,
} from "../../base/index.ts";
import { compactState, Document, Holdings, type Transaction } from "../../crdt/index.ts";
import { createCrypto } from "../../crypto/index.ts";
import { decodeDelta, trustStored } from "../../dag/index.ts";
import { writesOf } from "../apply.ts";
import { decodePayload } from "../payload.ts";
import { Replica } from "../replica.ts";
import { tablePrefix, tableRange } from "../rows.ts";
import { rootOf, type TestPorts, testGenesis, testPorts } from "../testing.ts";
import type { Checkpoint } from "./checkpoints.ts";
import { coveredSince, coverOf } from "./cover.ts";

export interface Member {
  readonly ports: TestPorts;
  readonly store: KeyValueStore;
  readonly signer: Signer;
  replica: Replica;
  open(): Promise<void>;
}

export interface MembersOptions {
  readonly role?: Role;
  readonly isSealed?: boolean;
  /** As of `ReplicaOptions`. */
  readonly joinsFrom?: number;
  readonly compactAfter?: number;
}

/** A context whose members have these stores, the founder first, and all know of each other. */
export async function openMembers(
  stores: readonly KeyValueStore[],
  { role = "writer", isSealed = false, joinsFrom, compactAfter }: MembersOptions = {},
): Promise<Member[]> {
  const crypto = createCrypto();
  const portsOf = stores.map((store, i) => testPorts(store, 50 + i));
  const signers = portsOf.map((ports) => crypto.createSigner(ports.random.bytes(32)));
  const genesis = testGenesis(must(signers[0], "a context has a founder"), 2, { isSealed });
  const members: Member[] = [];
  for (const [i, ports] of portsOf.entries()) {
    const signer = must(signers[i], "each has a signer");
    const open = async (): Promise<Replica> => {
      const opened = await Replica.open(ports, {
        context: genesis.context,
        signer,
        place: "here",
        joinsFrom,
        compactAfter,
      });
      assert(opened.ok, () => (opened.ok ? "" : opened.error.message));
      return opened.value;
    };
    const member: Member = {
      ports,
      store: ports.store,
      signer,
      replica: await open(),
      open: async () => {
        member.replica = await open();
      },
    };
    member.replica.admit(genesis.bytes);
    await member.replica.settled();
    members.push(member);
  }
  const founder = must(members[0], "a context has a founder");
  for (const { replica } of members.slice(1)) {
    const nonce = founder.ports.random.bytes(NONCE_BYTES);
    const added = await founder.replica.declare({ kind: "add", member: replica.member, role, nonce });
    assert(added.ok, "the founder is an admin");
  }
  await exchangeAll(members);
  return members;
}

export async function write(member: Member, work: (transaction: Transaction) => void): Promise<void> {
  member.ports.nowMs += 1;
  const done = await member.replica.call((transaction) => {
    work(transaction);
    return { ok: true, value: undefined, events: [] };
  });
  assert(done.ok, () => (done.ok ? "" : done.error.message));
}

/** Gives `to` up to `count` of what `from` has and it lacks, the oldest first. */
export async function give(from: Member, to: Member, count: number = Number.POSITIVE_INFINITY): Promise<void> {
  const { deltas } = from.replica.missingFrom(to.replica.vector(), 1e9);
  for (const bytes of deltas.slice(0, count)) {
    const outcome = to.replica.admit(bytes);
    assert(outcome.kind === "admitted" || outcome.kind === "duplicate", `admitted, not ${JSON.stringify(outcome)}`);
    // Over a store whose pages must be loaded.
    while (to.replica.isStalled) await Promise.resolve();
  }
  await to.replica.settled();
}

/** Until all have all, what they say of it included. */
export async function exchangeAll(members: readonly Member[]): Promise<void> {
  for (;;) {
    const before = members.map(({ replica }) => replica.graph.size).join();
    for (const from of members) for (const to of members) if (from !== to) await give(from, to);
    for (const { replica } of members) await replica.checkpoints.settled();
    if (members.map(({ replica }) => replica.graph.size).join() === before) return;
  }
}

export function rootsOf(members: readonly Member[]): string[] {
  return members.map(({ replica }) => rootOf(replica));
}

export function rowsOf({ store, replica }: Member, table: "b" | "c" | "d" | "h"): Entry[] {
  return [...store.range(tableRange(tablePrefix(replica.context, table)))];
}

/** The root of a member's state by definition: from the deltas in its log, joined in a drawn order, and nothing else. */
export function rootByDefinition(member: Member, chain: readonly Checkpoint[], prng: Prng): string {
  const crypto = createCrypto();
  const { replica } = member;
  const { graph } = replica;
  const deltas = rowsOf(member, "d").map(([, bytes]) => {
    const decoded = decodeDelta(crypto, replica.context, bytes.slice());
    assert(decoded.ok, "the log holds deltas");
    return trustStored(decoded.value);
  });
  const memberByActor = new Map(deltas.flatMap((delta) => (delta.member ? [[delta.actorKey, delta.member]] : [])));
  let base: ReadonlyMap<string, Uint8Array> = new Map();
  let cover: Uint8Array | undefined;
  const joined = (orders: readonly number[], from: ReadonlyMap<string, Uint8Array>) => {
    const source = viewOf(from);
    const document = new Document(source);
    const written = new Holdings();
    for (const order of prng.chance(0.5) ? [...orders].reverse() : orders) {
      const delta = must(deltas[order], "the log is whole");
      const author = must(memberByActor.get(delta.actorKey), "each actor was enrolled");
      for (const { joins, origin } of writesOf(delta, author, decodePayload(delta.payload ?? EMPTY_BYTES) ?? [])) {
        document.apply(joins, origin);
        written.addJoins(joins, origin);
      }
    }
    const touched = new Map(document.takeDirty().map(({ key, value }) => [idKey(key), value] as const));
    return { touched, written, source };
  };
  for (const { heads } of chain) {
    const next = coverOf(
      graph,
      heads.map((head) => must(graph.orderOf(idKey(head)), "admitted")),
    );
    const { touched, written, source } = joined(coveredSince(next, cover), base);
    base = changed(base, compactState(source, touched, written));
    cover = next;
  }
  const rest = Array.from({ length: graph.size }, (_, order) => order).filter((order) => cover?.[order] !== 1);
  const state = changed(base, joined(rest, base).touched);
  return bytesToHex(Document.rootOf([...state].map(([key, value]): Entry => [idKeyToBytes(key), value])));
}

function changed(base: ReadonlyMap<string, Uint8Array>, changes: ReadonlyMap<string, Uint8Array | undefined>) {
  const cells = new Map(base);
  for (const [key, value] of changes) {
    if (value === undefined) cells.delete(key);
    else cells.set(key, value);
  }
  return cells;
}

function viewOf(cells: ReadonlyMap<string, Uint8Array>) {
  const sorted = [...cells.keys()].sort();
  return {
    get: (key: Uint8Array) => cells.get(idKey(key)),
    range: ({ gte, lt, limit, reverse }: { gte: Uint8Array; lt: Uint8Array; limit?: number; reverse?: boolean }) => {
      const within = sorted.filter((key) => idKey(gte) <= key && key < idKey(lt));
      if (reverse === true) within.reverse();
      return within.slice(0, limit).map((key): Entry => [idKeyToBytes(key), must(cells.get(key), "a key of it")]);
    },
  };
}
