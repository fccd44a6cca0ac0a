/** Replicas that do what they should not with what they are given. */
import { err, STAMP_ZERO } from "@dunlin/core/base";
import { Document } from "@dunlin/core/crdt";
import { Graph, Moments, Pending } from "@dunlin/core/dag";
import { type Frontier, type ReceiptErrorCode, Replica } from "@dunlin/core/replica";

/** Swaps a method or getter of a prototype; gives back what puts it right. */
export function swap(
  holder: object,
  name: string,
  by: (original: PropertyDescriptor) => PropertyDescriptor,
): () => void {
  const original = Object.getOwnPropertyDescriptor(holder, name) as PropertyDescriptor;
  Object.defineProperty(holder, name, { configurable: true, ...by(original) });
  return () => Object.defineProperty(holder, name, original);
}

/** Neither looks at received stamps when it makes its own, nor when it checks those of others. */
export function forgetStamps(): () => void {
  const undo = [
    swap(Graph.prototype, "stampMax", () => ({ get: () => STAMP_ZERO })),
    swap(Graph.prototype, "stampOf", () => ({ value: () => STAMP_ZERO })),
  ];
  return () => {
    for (const put of undo) put();
  };
}

export function narrowFrontier(): () => void {
  return swap(Pending.prototype, "missingFrontier", ({ value }) => ({
    value(this: Pending, limit: number) {
      return (value as Pending["missingFrontier"]).call(this, limit).slice(-1);
    },
  }));
}

export function dropCascade(): () => void {
  return swap(Pending.prototype, "release", () => ({ value: () => [] }));
}

export function takeAllStamps(): () => void {
  return swap(Moments.prototype, "wait", () => ({ value: () => undefined }));
}

/** The heads as they were before the last of them came. */
export function overlookHeads(): () => void {
  return swap(Graph.prototype, "heads", ({ value }) => ({
    value(this: Graph) {
      const heads = (value as Graph["heads"]).call(this);
      return heads.length > 1 ? heads.slice(1) : heads;
    },
  }));
}

export function seeNoEquivocation(): () => void {
  return swap(Graph.prototype, "equivocations", () => ({ get: () => [] }));
}

export function accuseAnybody(): () => void {
  return swap(Graph.prototype, "equivocations", ({ get }) => ({
    get(this: Graph) {
      return this.size > 2 ? [[0, 1]] : get?.call(this);
    },
  }));
}

/** A root that is asked for again is the one before. */
export function giveOldRoots(): () => void {
  const lastByDocument = new WeakMap<Document, Uint8Array>();
  return swap(Document.prototype, "root", ({ value }) => ({
    value(this: Document) {
      const root = (value as Document["root"]).call(this);
      const last = lastByDocument.get(this) ?? root;
      lastByDocument.set(this, root);
      return last;
    },
  }));
}

export function appliesTwice(replica: Replica): void {
  const { document } = replica;
  const apply = document.apply.bind(document);
  document.apply = (joins, origin) => {
    apply(joins, origin);
    return apply(joins, origin);
  };
}

/** Some of what others wrote is admitted and never applied. */
export function skipsJoins(replica: Replica): void {
  const { document } = replica;
  const apply = document.apply.bind(document);
  let applied = 0;
  document.apply = (joins, origin) => {
    return apply(++applied % 20 === 0 ? new Uint8Array(0) : joins, origin);
  };
}

export function tellsBackwards(replica: Replica): void {
  const onCommit = replica.onCommit.bind(replica);
  replica.onCommit = (listener) => onCommit((commit) => listener({ ...commit, deltas: [...commit.deltas].reverse() }));
}

export function tellsTwice(replica: Replica): void {
  const onCommit = replica.onCommit.bind(replica);
  replica.onCommit = (listener) => {
    return onCommit((commit) => listener({ ...commit, deltas: [...commit.deltas, ...commit.deltas.slice(-1)] }));
  };
}

/** What a call that failed has written stays. */
export function keepsFailures(replica: Replica): void {
  const call = replica.call.bind(replica);
  replica.call = async (run, counted) => {
    let failed: Awaited<ReturnType<typeof replica.call<never>>> | undefined;
    const receipt = await call((transaction, meta) => {
      const outcome = run(transaction, meta);
      if (outcome.ok) return outcome;
      failed = outcome;
      return { ok: true, value: undefined as never, events: [] };
    }, counted);
    return failed ?? receipt;
  };
}

/** Some calls are acknowledged and never run. */
export function forgetsCalls(replica: Replica): void {
  const call = replica.call.bind(replica);
  let calls = 0;
  replica.call = (run, counted) => {
    if (++calls % 10 !== 0) return call(run, counted);
    return Promise.resolve({ ok: true, value: { value: undefined as never, delta: undefined } });
  };
}

/** Counters that calls add to are left as they were. */
export function tearsCalls(replica: Replica): void {
  const call = replica.call.bind(replica);
  let calls = 0;
  replica.call = (run, counted) =>
    call((transaction, meta) => {
      const outcome = run(transaction, meta);
      if (outcome.ok && ++calls % 10 === 0) transaction.field("counter", "all").add(1);
      return outcome;
    }, counted);
}

/** A page says that it is the last one, and is not whole. */
export function cutsPages(replica: Replica): void {
  const missingFrom = replica.missingFrom.bind(replica);
  replica.missingFrom = (vector, bytesMax) => {
    const page = missingFrom(vector, bytesMax);
    return { ...page, deltas: page.deltas.slice(0, -1), more: false };
  };
  replica.byKey = () => ({ deltas: [], more: false, isPruned: false });
}

export function servesNothing(replica: Replica): void {
  replica.missingFrom = (vector) => ({ deltas: [], more: false, isPruned: false, upTo: vector });
}

export function tellsAdmitted(replica: Replica): void {
  const flushed = Object.getOwnPropertyDescriptor(Replica.prototype, "flushed")?.get as () => Frontier;
  Object.defineProperty(replica, "flushed", {
    get: (): Frontier => {
      const frontier = flushed.call(replica);
      const { heads, count } = frontier;
      return {
        heads,
        count,
        vector: replica.vector(),
        get root() {
          return frontier.root;
        },
      };
    },
  });
}

export function losesAcknowledgements(replica: Replica): void {
  replica.receipts.take = () => err<ReceiptErrorCode>("ACKNOWLEDGEMENT_NOT_MEMBER", "lost");
}
