/** What a node tells, in the shapes of the 0.10 server; fields of our own have names that it does not use. */
import { must, textToId, utf8 } from "@dunlin/core/base";
import type { ApplicationInfo, ContextEvent, ContextInfo, PresenceEvent, PresentMember } from "./service.ts";

export interface WireContext {
  readonly id: string;
  readonly applicationId: string;
  readonly rootHash: string;
  readonly guestRoot?: string;
  /** The heads as arrays of 32 byte numbers, as the 0.10 server has them. */
  readonly dagHeads: readonly (readonly number[])[];
  readonly heads: readonly string[];
  readonly deltas: number;
  readonly pending: number;
  readonly members: ContextInfo["members"];
}

export interface WireApplication {
  readonly id: string;
  readonly blob: { readonly bytecode: string; readonly compiled: string };
  readonly size: number;
  readonly source: string;
  readonly metadata: readonly number[];
  readonly name: string;
  readonly version: string;
  readonly abi: unknown;
}

export interface WireEvent {
  readonly kind: string;
  /** UTF-8 of the payload's JSON text, as byte numbers. */
  readonly data: readonly number[];
  readonly handler: string | null;
}

/** The `result` of an event frame. */
export interface WireContextEvent {
  readonly contextId: string;
  readonly type: "StateMutation";
  readonly data: {
    readonly newRoot: string;
    readonly events: readonly WireEvent[];
    readonly sequence: number;
    readonly local: boolean;
    readonly deltas: readonly string[];
  };
}

/** The `result` of a frame that tells of who is there: a type of our own. */
export interface WirePresence {
  readonly contextId: string;
  readonly type: "Presence";
  readonly data: PresentMember & { readonly present: boolean };
}

export function presenceToWire({ contextId, ...data }: PresenceEvent): WirePresence {
  return { contextId, type: "Presence", data };
}

export function contextToWire(info: ContextInfo): WireContext {
  const { id, applicationId, rootHash, guestRoot, heads, deltas, pending, members } = info;
  const dagHeads = heads.map((head) => Array.from(must(textToId(head), "a head is a 32-byte id")));
  const own = guestRoot === undefined ? {} : { guestRoot };
  return { id, applicationId, rootHash, ...own, dagHeads, heads, deltas, pending, members };
}

export function applicationToWire(info: ApplicationInfo): WireApplication {
  const { id, size, source, name, version, abi } = info;
  // One artefact is the code and its compiled form: clients only compare these two.
  return { id, blob: { bytecode: id, compiled: id }, size, source, metadata: [], name, version, abi };
}

export function eventToWire(event: ContextEvent): WireContextEvent {
  return {
    contextId: event.contextId,
    type: "StateMutation",
    data: {
      newRoot: event.newRoot,
      // Handlers run by policy, not by who reads a stream: the name stays inside.
      events: event.events.map(({ kind, data }) => ({ kind, data: Array.from(utf8(data)), handler: null })),
      sequence: event.sequence,
      local: event.local,
      deltas: event.deltas,
    },
  };
}
