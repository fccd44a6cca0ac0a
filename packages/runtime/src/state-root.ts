/**
 * The state of a context as a call sees it: the document, or in a mutation a transaction of it. An application reaches
 * its containers through handles that the frame of the call hands out; every operation is synchronous.
 *
 * The engine is given a root for each call and never keeps it. An operation may throw a `Miss`: the call ends at once
 * without a trace and `Engine.call` throws that same object, so that the caller can load and call again. An exception
 * with a string `code` (a limit, a wrong type, a position out of range) is thrown on into the application, which may
 * catch it. Anything else ends the call and is thrown to the caller as it is.
 */
import type { ContainerType as CoreContainerType, Document, Transaction, Views, Writers } from "@dunlin/core/crdt";

export type StateRoot = Document | Transaction;

/** What an application may declare and nest; the marks of a text are reached through it. */
export type ContainerType = Exclude<CoreContainerType, "marks">;

export type View<T extends ContainerType = ContainerType> = Views[T];
export type ContainerWriter<T extends ContainerType = ContainerType> = Writers[T];

/** By the code that a guest names a type with; 0 is none. A code is for ever: bundles hold it. */
export const TYPE_BY_CODE: readonly (ContainerType | undefined)[] = [
  undefined,
  "register",
  "map",
  "counter",
  "set",
  "text",
  "first-register",
  "multi-register",
  "grow-counter",
  "remove-wins-set",
  "list",
  "log",
  "user-entries",
  "frozen-entries",
  "tree",
  "graph",
  "remove-wins-graph",
  "records",
];
