/**
 * The events that calls tell, and the handlers that run on them: an application of one method for each policy. Every run
 * of a handler adds one to a counter that its event and its node share with nobody, so how often it took effect where
 * is known afterwards.
 */
import { utf8, utf8ToString } from "@dunlin/core/base";
import type { Document, Transaction } from "@dunlin/core/crdt";
import type { CallOutcome, EntryEvent, HandlerPolicy, OpenEntry } from "@dunlin/core/replica";
import { CANARY } from "./wire.ts";

/** How a handler fares. */
export type Course =
  | "plain"
  /** Fails at first. */
  | "stumbles"
  /** Fails as long as anything is wrong with the world: it dies, and is run again by hand. */
  | "stuck"
  /** Tells its own event again. */
  | "circles"
  /** Leaves nothing, but that it has run. */
  | "silent";

/** What an event says. */
export interface Told {
  readonly call: number;
  readonly policy: HandlerPolicy;
  readonly course: Course;
  /** How many handlers told it before. */
  readonly round: number;
}

export const POLICIES: readonly HandlerPolicy[] = ["receivers", "author", "one"];
/** But those that go round in circles. */
export const COURSES: readonly Course[] = ["plain", "stumbles", "stuck", "silent"];
/** Runs that fail of a handler that stumbles. */
const STUMBLES = 3;

export function eventOf(told: Told): EntryEvent {
  const { call, policy, course, round } = told;
  return { kind: "told", data: utf8(`${CANARY}${call} ${course} ${round}`), handler: policy };
}

/** Undefined of an event that no call told. */
export function toldBy({ data, handler }: EntryEvent): Told | undefined {
  const policy = POLICIES.find((name) => name === handler);
  const [name = "", courseName = "", round = ""] = utf8ToString(data)?.split(" ") ?? [];
  const course = ([...COURSES, "circles"] as const).find((one) => one === courseName);
  if (!policy || !course || !name.startsWith(CANARY)) return undefined;
  return { call: Number(name.slice(CANARY.length)), policy, course, round: Number(round) };
}

/** What a handler does on a node: it writes first, and what a run wrote that fails must be gone. */
export function handle(
  { payload, attempts }: Pick<OpenEntry, "payload" | "attempts">,
  node: number,
  isHealed: boolean,
  transaction: Transaction,
): CallOutcome<null> {
  const told = toldBy(payload);
  if (!told) return failure("it is of no call");
  if (told.course === "silent") return { ok: true, value: null, events: [] };
  transaction.field("map", "effects").child("counter", effectOf(told, node)).add(1);
  if (told.course === "stumbles" && attempts < STUMBLES) return failure("it stumbles");
  if (told.course === "stuck" && !isHealed) return failure("it is stuck");
  return {
    ok: true,
    value: null,
    events: told.course === "circles" ? [eventOf({ ...told, round: told.round + 1 })] : [],
  };
}

/** Every effect in a state, with how often it was had. */
export function effectsIn(document: Document): { readonly name: string; readonly times: number }[] {
  const effects = document.field("map", "effects");
  return effects.keys().map((name) => ({ name, times: effects.nested("counter", name)?.value() ?? 0 }));
}

/** Names what a handler leaves on a node. */
export function effectOf({ call, policy, round }: Told, node: number): string {
  return `${call} ${policy} ${round} ${node}`;
}

function failure(message: string): CallOutcome<null> {
  return { ok: false, error: { code: "APPLICATION_FAILED", message } };
}
