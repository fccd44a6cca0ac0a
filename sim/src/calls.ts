/**
 * The workload, and what each call must have left.
 *
 * Every call sets a key that no other call ever touches, so whether a call is in the state is known afterwards; from the
 * calls that are, everything else follows exactly: sums of counters, members of sets, markers in texts, nested entries.
 * So an acknowledged call must be there, a failed one must not, one cut off by a crash may be either but never torn.
 */
import { createPrng, type Prng } from "@dunlin/core/base";
import type { Document, Transaction, WriteRefused } from "@dunlin/core/crdt";
import type { CallOutcome } from "@dunlin/core/replica";
import { COURSES, eventOf, POLICIES, type Told } from "./events.ts";
import type { ViolationId } from "./violation.ts";
import { CANARY } from "./wire.ts";

export type Fate = "unknown" | "acknowledged" | "failed";

export interface Call {
  /** Names the call: a number of the run. */
  readonly id: number;
  readonly node: number;
  readonly steps: readonly Step[];
  /** Writes, and is then taken back by its own code. */
  readonly fails: boolean;
  /** Of its event, which handlers run on; undefined when nobody handles it. */
  readonly told: Told | undefined;
  fate: Fate;
}

type Step =
  | { readonly kind: "count"; readonly amount: number }
  | { readonly kind: "share"; readonly key: string; readonly remove: boolean }
  | { readonly kind: "enlist" }
  | { readonly kind: "toggle"; readonly element: number; readonly remove: boolean }
  | { readonly kind: "mark"; readonly at: number }
  | { readonly kind: "scribble"; readonly at: number; readonly remove: number }
  | { readonly kind: "nest"; readonly box: string }
  | { readonly kind: "quarrel"; readonly key: string; readonly type: number }
  | { readonly kind: "overreach" };

const MARKER_CHARS = 8;
/** Handlers write as many deltas as there are nodes. */
const TOLD_CHANCE = 0.15;
/** One makes eight deltas. */
const CIRCLES_CHANCE = 0.05;
const SHARED_KEYS = 12;

export function drawCall(id: number, node: number, seed: number): Call {
  const prng = createPrng(seed);
  const steps = Array.from({ length: 1 + prng.below(3) }, () => drawStep(prng));
  const fails = prng.chance(0.05) || steps.some(({ kind }) => kind === "overreach");
  const told = prng.chance(TOLD_CHANCE) ? drawTold(prng, id) : undefined;
  return { id, node, steps, fails, told, fate: "unknown" };
}

function drawTold(prng: Prng, call: number): Told {
  const course = prng.chance(CIRCLES_CHANCE) ? "circles" : prng.pick(COURSES);
  // Whoever receives it would tell it to all others, and they to all.
  const policy = course === "circles" ? "author" : prng.pick(POLICIES);
  return { call, policy, course, round: 0 };
}

function drawStep(prng: Prng): Step {
  switch (prng.below(16)) {
    case 0:
    case 1:
    case 2:
      return { kind: "count", amount: prng.below(2_000) - 500 };
    case 3:
    case 4:
    case 5:
      return { kind: "share", key: `shared-${prng.below(SHARED_KEYS)}`, remove: prng.chance(0.3) };
    case 6:
      return { kind: "enlist" };
    case 7:
    case 8:
      return { kind: "toggle", element: prng.below(6), remove: prng.chance(0.4) };
    case 9:
    case 10:
      return { kind: "mark", at: prng.unit() };
    case 11:
    case 12:
      return { kind: "scribble", at: prng.unit(), remove: prng.below(5) };
    case 13:
      return { kind: "nest", box: `box-${prng.below(3)}` };
    case 14:
      return { kind: "quarrel", key: `key-${prng.below(3)}`, type: prng.below(5) };
    default:
      return prng.chance(0.3) ? { kind: "overreach" } : { kind: "count", amount: 1 };
  }
}

export function runCall(call: Call, transaction: Transaction): CallOutcome<number> {
  transaction.field("map", "once").set(nameOf(call), call.node);
  for (const step of call.steps) runStep(call, step, transaction);
  if (call.fails) return { ok: false, error: { code: "APPLICATION_FAILED", message: "as the plan says" } };
  const unhandled = { kind: "called", data: new Uint8Array(1), handler: "" };
  return { ok: true, value: call.id, events: call.told ? [unhandled, eventOf(call.told)] : [unhandled] };
}

function runStep(call: Call, step: Step, transaction: Transaction): void {
  switch (step.kind) {
    case "count":
      transaction.field("counter", "all").add(step.amount);
      return transaction.field("counter", `node-${call.node}`).add(step.amount);
    case "share":
      if (step.remove) transaction.field("map", "shared").delete(step.key);
      else transaction.field("map", "shared").set(step.key, call.id);
      return transaction.field("register", "last").set(call.id);
    case "enlist":
      return transaction.field("set", "list").add(call.id);
    case "toggle":
      if (step.remove) transaction.field("set", "toggled").delete(step.element);
      else transaction.field("set", "toggled").add(step.element);
      return;
    case "mark": {
      const text = transaction.field("text", "marks");
      return text.insert(Math.floor(step.at * (text.length / MARKER_CHARS + 1)) * MARKER_CHARS, markerOf(call));
    }
    case "scribble": {
      const text = transaction.field("text", "scratch");
      const at = Math.floor(step.at * (text.length + 1));
      text.delete(at, Math.min(step.remove, text.length - at));
      return text.insert(at, `${call.id},`);
    }
    case "nest":
      return transaction.field("map", "boxes").child("map", step.box).child("map", "inner").set(nameOf(call), true);
    case "quarrel":
      return quarrel(call, step.key, step.type, transaction);
    case "overreach":
      return transaction.field("text", "scratch").insert(1e9, "beyond the end");
  }
}

/** Containers of several types at one key, values over them, and deletes: all that generations are for. */
function quarrel(call: Call, key: string, type: number, transaction: Transaction): void {
  const map = transaction.field("map", "quarrel");
  if (type === 0) map.child("counter", key).add(call.id);
  else if (type === 1) map.child("set", key).add(call.id);
  else if (type === 2) map.child("map", key).child("text", "deep").insert(0, "x");
  else if (type === 3) map.set(key, call.id);
  else map.delete(key);
}

/** True when the call's own mark is in the state. */
export function isThere(call: Call, document: Document): boolean {
  return document.field("map", "once").has(nameOf(call));
}

/** What is wrong with a state that was reached after these calls; undefined when nothing is. */
export function findFault(
  calls: readonly Call[],
  document: Document,
): { readonly id: ViolationId; readonly message: string } | undefined {
  const once = new Set(document.field("map", "once").keys());
  const present: Call[] = [];
  for (const call of calls) {
    const there = once.delete(nameOf(call));
    if (call.fate === "acknowledged" && !there) {
      return { id: "CALL_LOST", message: `call ${call.id} of node ${call.node} was acknowledged and is not there` };
    }
    if ((call.fate === "failed" || call.fails) && there) {
      return { id: "CALL_LEFT_TRACE", message: `call ${call.id} of node ${call.node} failed and is there` };
    }
    if (there) present.push(call);
  }
  const torn = once.size > 0 ? `${[...once][0]} is nobody's` : findTorn(present, document);
  return torn === undefined ? undefined : { id: "CALL_TORN", message: torn };
}

function findTorn(present: readonly Call[], document: Document): string | undefined {
  const text = document.field("text", "marks").toString();
  const marks = markersOf(text);
  if (!marks) return `the markers of the text are mixed up: ${text.slice(0, 2_000)}`;
  const list = new Set<unknown>(document.field("set", "list").values());
  const sums = new Map<string, number>();
  for (const call of present) {
    for (const step of call.steps) {
      if (step.kind === "count") {
        for (const name of ["all", `node-${call.node}`]) sums.set(name, (sums.get(name) ?? 0) + step.amount);
      } else if (!hasLeft(call, step, document, marks, list)) {
        return `what step "${step.kind}" of call ${call.id} of node ${call.node} made is not there`;
      }
    }
  }
  for (const [name, sum] of sums) {
    const value = document.field("counter", name).value();
    if (value !== sum) return `counter ${name} is ${value}, and the calls that are there make ${sum}`;
  }
  return undefined;
}

function hasLeft(
  call: Call,
  step: Step,
  document: Document,
  marks: ReadonlySet<string>,
  list: ReadonlySet<unknown>,
): boolean {
  if (step.kind === "enlist") return list.has(call.id);
  if (step.kind === "mark") return marks.has(markerOf(call));
  if (step.kind !== "nest") return true;
  const box = document.field("map", "boxes").nested("map", step.box)?.nested("map", "inner");
  return box?.has(nameOf(call)) === true;
}

/** Whole markers never interleave: the text falls into them. Undefined when it does not. */
function markersOf(text: string): Set<string> | undefined {
  const markers = new Set<string>();
  for (let at = 0; at < text.length; at += MARKER_CHARS) {
    const marker = text.slice(at, at + MARKER_CHARS);
    if (!/^<\d{6}>$/.test(marker)) return undefined;
    markers.add(marker);
  }
  return markers;
}

function nameOf(call: Call): string {
  return `${CANARY}${call.id}`;
}

function markerOf(call: Call): string {
  return `<${String(call.id % 1_000_000).padStart(6, "0")}>`;
}

/** The codes with which a call may fail that had to: its own, and those of writes that the state refuses. */
export const EXPECTED_FAILURES: ReadonlySet<string> = new Set<string>([
  "APPLICATION_FAILED",
  "TEXT_OUT_OF_RANGE" satisfies WriteRefused["code"],
]);
