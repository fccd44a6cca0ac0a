/** What is owed is noted with the call that counts it, and taken back when that call fails. */
import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { type ContextId, idKey, type Stamp } from "../base/index.ts";
import { Document, type Transaction } from "../crdt/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { Graph } from "../dag/index.ts";
import { loggedCalls } from "./log.ts";
import { Reissues } from "./reissue.ts";
import { orderKey, tablePrefix } from "./rows.ts";
import { Author } from "./testing.ts";

const context = new Uint8Array(32).fill(1) as ContextId;
const signer = createCrypto().createSigner(new Uint8Array(32).fill(2));

/** An actor with two deltas after its first: this node's, which counted 10, and another's, which counted 100. */
async function forked() {
  const author = new Author(context, signer, 3);
  const root = { id: context as never, stamp: 1 as Stamp };
  const count = (amount: number) => [author.entry(2 ** 42, (t) => t.field("counter", "c").add(amount))];
  const first = author.write([root], { stamp: 2 ** 42, entries: count(5) });
  const branch = (amount: number, at: number) =>
    author.write([first], { after: first, stamp: 2 ** 42 + at, entries: count(5 + amount) });
  const [ten, hundred] = [branch(10, 1), branch(100, 2)];
  const store = createMemoryStore();
  const graph = new Graph();
  const log = tablePrefix(context, "d");
  for (const [order, delta] of [first, ten, hundred].entries()) {
    const place = { parents: order === 0 ? [] : [0], prev: order === 0 ? undefined : 0, isSigned: true, isBare: false };
    graph.append(delta, place);
    await store.commit([{ kind: "put", key: orderKey(log, order), value: delta.bytes }]);
  }
  const owing = idKey(ten.id) > idKey(hundred.id) ? 1 : 2;
  return { reissues: new Reissues(context, store, graph, loggedCalls), actorKey: idKey(author.actor), owing };
}

function transact(run: (transaction: Transaction) => void): number {
  const document = new Document({ get: () => undefined, range: () => [] });
  const actor = new Author(context, signer, 9).actor;
  const transaction = document.begin({ stamp: 9 as Stamp, actor, member: signer.publicKey });
  run(transaction);
  transaction.commit();
  return document.field("counter", "c").value();
}

it("counts again once, and again only what a failed call took back", async () => {
  const { reissues, actorKey, owing } = await forked();
  reissues.leave(actorKey, owing);
  expect(reissues.isDue).toBe(true);
  const owed = transact((transaction) => reissues.countAgain(transaction));
  expect(owed).toBe(10);
  reissues.settle(false);
  expect(transact((transaction) => reissues.countAgain(transaction))).toBe(10);
  reissues.settle(true);
  // Whatever fails from now on has counted nothing.
  reissues.settle(false);
  expect(transact((transaction) => reissues.countAgain(transaction))).toBe(0);
});
