/** A replica in a tab, over a store that other tabs have open as well. */
import { applicationId, type ContextId, contextId, silentLog } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { auditContext, createGenesis, Replica } from "@dunlin/core/replica";
import { openIndexedDbStore } from "@dunlin/store/indexeddb";

const crypto = createCrypto();
const signer = crypto.createSigner(new Uint8Array(32).fill(3));
const random = { bytes: (length: number): Uint8Array => globalThis.crypto.getRandomValues(new Uint8Array(length)) };
let replica: Replica;
let told = 0;

/** Opens the context; makes it first when none is named. Returns its id. */
export async function open(context?: readonly number[]): Promise<number[]> {
  const store = await openIndexedDbStore("shared");
  const ports = { store, crypto, random, clock: { now: () => Date.now() }, log: silentLog };
  const genesis =
    context === undefined ? createGenesis(ports, signer, applicationId(new Uint8Array(32)), Date.now()) : undefined;
  const id: ContextId = genesis?.context ?? contextId(Uint8Array.from(context ?? []));
  const opened = await Replica.open(ports, { context: id, signer, place: "origin" });
  if (!opened.ok) throw new Error(opened.error.message);
  replica = opened.value;
  replica.onCommit(() => told++);
  if (genesis !== undefined) await replica.inTurn(() => replica.admit(genesis.bytes));
  await replica.settled();
  return [...id];
}

/** Adds one, `times` times, each in a call of its own; together or one after the other. */
export async function addOnes(times: number, together: boolean): Promise<void> {
  const addOne = async (): Promise<void> => {
    const result = await replica.call((transaction) => {
      transaction.field("counter", "votes").add(1);
      return { ok: true, value: null, events: [] };
    });
    if (!result.ok) throw new Error(result.error.message);
  };
  if (together) await Promise.all(Array.from({ length: times }, addOne));
  else for (let i = 0; i < times; i++) await addOne();
}

export interface Shown {
  readonly votes: number;
  readonly deltas: number;
  readonly actors: number;
  readonly told: number;
}

/** As the replica has it without asking for anything. */
export function shown(): Shown {
  const votes = replica.document.field("counter", "votes").value();
  return { votes, deltas: replica.flushed.count, actors: replica.vector().size, told };
}

/** What is wrong with the store, by its log alone. */
export async function audit(): Promise<string> {
  const store = await openIndexedDbStore("shared");
  const { runLoaded } = await import("@dunlin/core/base");
  const audited = await runLoaded(store, () => auditContext(crypto, store, replica.context));
  await store[Symbol.asyncDispose]();
  return audited.ok ? "" : audited.error.message;
}
