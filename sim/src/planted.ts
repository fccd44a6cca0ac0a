/**
 * Bugs that are planted to test the tests. Each swaps one part of the real system for a broken one; nothing in the
 * system knows of them. A part is swapped on its prototype where nothing else reaches it, and put back afterwards.
 */
import { err, type KeyValueStore, STAMP_ZERO, type WriteOperation } from "@dunlin/core/base";
import { Graph, Pending } from "@dunlin/core/dag";
import { type Frontier, type ReceiptErrorCode, Replica } from "@dunlin/core/replica";

export interface PlantedBug {
  readonly what: string;
  readonly store?: (store: KeyValueStore) => KeyValueStore;
  /** Beneath the oracles: they see what it makes of the replica. */
  readonly beneath?: (replica: Replica) => void;
  /** Above the oracles: they see how it uses the replica. */
  readonly above?: (replica: Replica) => void;
  /** Swaps something for the whole run; gives back what puts it right. */
  readonly install?: () => () => void;
}

export type PlantedBugName =
  | "ack-before-flush"
  | "clock-not-merged"
  | "applied-twice"
  | "asks-for-newest-parents-only"
  | "no-cascade"
  | "told-before-parents"
  | "acknowledges-what-it-admits"
  | "acknowledgements-lost";

export const PLANTED_BUGS: Readonly<Record<PlantedBugName, PlantedBug>> = {
  "ack-before-flush": { what: "a commit is acknowledged before it is flushed", store: acknowledgesAtOnce },
  "clock-not-merged": { what: "stamps that are received do not move the clock", install: forgetStamps },
  "applied-twice": { what: "what is admitted is applied twice", above: appliesTwice },
  "asks-for-newest-parents-only": {
    what: "a delta's missing parents are asked for, and nothing else ever is",
    install: narrowFrontier,
    above: (replica) => {
      replica.missingFrom = (vector) => ({ deltas: [], more: false, upTo: vector });
    },
  },
  "no-cascade": { what: "an admitted delta does not release those that wait for it", install: dropCascade },
  "acknowledges-what-it-admits": {
    what: "peers are told that what is admitted is flushed",
    beneath: tellsAdmitted,
  },
  "acknowledgements-lost": { what: "signed acknowledgements are not taken in", above: losesAcknowledgements },
  "told-before-parents": { what: "a commit of several deltas is told backwards", beneath: tellsBackwards },
};

function acknowledgesAtOnce(store: KeyValueStore): KeyValueStore {
  return {
    get: (key) => store.get(key),
    range: (options) => store.range(options),
    load: (miss) => store.load(miss),
    get version() {
      return store.version;
    },
    commit: (batch: readonly WriteOperation[]) => {
      store.commit(batch).catch(() => {});
      return Promise.resolve();
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** Neither looks at received stamps when it makes its own, nor when it checks those of others. */
function forgetStamps(): () => void {
  const max = Object.getOwnPropertyDescriptor(Graph.prototype, "stampMax") as PropertyDescriptor;
  const { stampOf } = Graph.prototype;
  Object.defineProperty(Graph.prototype, "stampMax", { configurable: true, get: () => STAMP_ZERO });
  Graph.prototype.stampOf = () => STAMP_ZERO;
  return () => {
    Object.defineProperty(Graph.prototype, "stampMax", max);
    Graph.prototype.stampOf = stampOf;
  };
}

function appliesTwice(replica: Replica): void {
  const { document } = replica;
  const apply = document.apply.bind(document);
  document.apply = (joins, origin) => {
    apply(joins, origin);
    return apply(joins, origin);
  };
}

function narrowFrontier(): () => void {
  const { missingFrontier } = Pending.prototype;
  Pending.prototype.missingFrontier = function (this: Pending, limit) {
    return missingFrontier.call(this, limit).slice(-1);
  };
  return () => {
    Pending.prototype.missingFrontier = missingFrontier;
  };
}

function dropCascade(): () => void {
  const { release } = Pending.prototype;
  Pending.prototype.release = () => [];
  return () => {
    Pending.prototype.release = release;
  };
}

function tellsAdmitted(replica: Replica): void {
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

function losesAcknowledgements(replica: Replica): void {
  replica.receipts.take = () => err<ReceiptErrorCode>("ACKNOWLEDGEMENT_NOT_MEMBER", "lost");
}

function tellsBackwards(replica: Replica): void {
  const onCommit = replica.onCommit.bind(replica);
  replica.onCommit = (listener) => onCommit((commit) => listener({ ...commit, deltas: [...commit.deltas].reverse() }));
}
