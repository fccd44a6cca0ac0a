/** Ledgers of handlers that do not keep their word. */
import { Ledger } from "@dunlin/core/replica";
import { swap } from "./replicas.ts";

type Swap = () => () => void;

function withRows(kept: (row: ReturnType<Ledger["onCommit"]>[number]) => boolean): Swap {
  return () =>
    swap(Ledger.prototype, "onCommit", ({ value }) => ({
      value(this: Ledger, staged: Parameters<Ledger["onCommit"]>[0]) {
        return (value as Ledger["onCommit"]).call(this, staged).filter(kept);
      },
    }));
}

/** What a handler wrote and that it is done are two commits, of which the second never comes. */
export const neverClose: Swap = withRows(({ kind }) => kind !== "delete");

/** What is to be handled is known until the next crash. */
export const rememberNothing: Swap = withRows(({ kind }) => kind !== "put");

/** A handler that fails is not run again. */
export const giveUp: Swap = () =>
  swap(Ledger.prototype, "fail", () => ({
    value(this: Ledger, entry: Parameters<Ledger["done"]>[0]) {
      return this.done(entry);
    },
  }));

/** Every event is taken for another node's. */
export const takeAllForReceived: Swap = () =>
  swap(Ledger.prototype, "takeDue", ({ value }) => ({
    value(this: Ledger, nowMs: number) {
      return (value as Ledger["takeDue"]).call(this, nowMs).map((entry) => ({ ...entry, told: "elsewhere" as const }));
    },
  }));

/** What caused a delta is not looked at. */
export const overlookCauses: Swap = () =>
  swap(Ledger.prototype, "onCommit", ({ value }) => ({
    value(this: Ledger, staged: Parameters<Ledger["onCommit"]>[0]) {
      const causeless = staged.map((one) => ({ ...one, delta: { ...one.delta, cause: undefined } }));
      return (value as Ledger["onCommit"]).call(this, causeless);
    },
  }));
