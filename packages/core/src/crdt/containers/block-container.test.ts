import { describe, expect, it } from "vitest";
import { type ActorId, actorId, createPrng, publicKey, type Stamp } from "../../base/index.ts";
import { Document } from "../document.ts";
import type { Origin } from "../origin.ts";
import type { Transaction } from "../transaction.ts";

const member = publicKey(new Uint8Array(32).fill(9));
const [own, other] = [1, 2].map((fill) => actorId(new Uint8Array(16).fill(fill))) as [ActorId, ActorId];

const originOf = (actor: ActorId, stamp: number): Origin => ({ actor, member, stamp: stamp as Stamp });
const openEmpty = (): Document => new Document({ get: () => undefined, range: () => [] });

/** Some edits of both kinds, none of which empties anything. */
function edit(transaction: Transaction, draw: (below: number) => number): void {
  const text = transaction.field("text", "text");
  const list = transaction.field("list", "list");
  text.insert(draw(text.length + 1), "abc");
  text.delete(draw(text.length - 1), 1);
  list.insert(draw(list.length + 1), [draw(1000)]);
  if (list.length > 2) {
    list.move(draw(list.length), draw(list.length));
    list.set(draw(list.length), "set");
  }
}

function commit(document: Document, origin: Origin, draw: (below: number) => number): Uint8Array {
  const transaction = document.begin(origin);
  edit(transaction, draw);
  return transaction.commit() as Uint8Array;
}

function rollBack(document: Document, origin: Origin, draw: (below: number) => number): void {
  const transaction = document.begin(origin);
  edit(transaction, draw);
  transaction.rollback();
}

function shown(document: Document): unknown {
  const [text, list] = [document.field("text", "text"), document.field("list", "list")];
  return { text: text.toString(), list: list.toArray(), root: document.root(), pages: document.encodeState() };
}

describe("a container that is kept in blocks", () => {
  it("loses nothing of what was committed or applied to a rollback, however long nobody asked for its blocks", () => {
    const prng = createPrng(5);
    const draw = (below: number): number => prng.below(below);
    const [document, remote, witness] = [openEmpty(), openEmpty(), openEmpty()];
    let stamp = 0;
    for (let round = 0; round < 140; round++) {
      const origin = originOf(own, ++stamp);
      const joins = commit(document, origin, draw);
      const remoteOrigin = originOf(other, ++stamp);
      const remoteJoins = commit(remote, remoteOrigin, draw);
      for (const [target, blob, by] of [
        [document, remoteJoins, remoteOrigin],
        [remote, joins, origin],
        [witness, joins, origin],
        [witness, remoteJoins, remoteOrigin],
      ] as const) {
        expect(target.apply(blob, by).ok).toBe(true);
      }
      if (round % 40 === 13) rollBack(document, originOf(own, ++stamp), draw);
    }
    expect(shown(document)).toEqual(shown(witness));
    rollBack(document, originOf(own, ++stamp), draw);
    expect(shown(document)).toEqual(shown(witness));
    expect(shown(remote)).toEqual(shown(witness));
  });
});
