/**
 * Calls of applications in WebAssembly, recorded and run again. What such a call reads goes over the tape: the state, and
 * what lies on this machine alone. Its host functions are computed anew and compared, one by one.
 */
import { bytesToHex, EMPTY_BYTES, hexToBytes, type Json, type Value } from "@dunlin/core/base";
import type { GuestEngine, GuestHost, GuestResult } from "../calimero/guest-engine.ts";
import type { GuestRequest, LocalWorld } from "../calimero/host-call.ts";
import { type GuestLimitChanges, guestLimits } from "../calimero/limit-changes.ts";
import type { GuestLimits } from "../calimero/limits.ts";
import type { GuestReader } from "../calimero/overlay.ts";
import type { Recorded } from "./native-call.ts";
import type { HostStep, RecordedOutcome, Recording } from "./recording.ts";
import { shownBytes, shownText } from "./shown.ts";
import { Divergence, type Player, Recorder, shownAnswer, shownCall, type Tape } from "./tape.ts";

/** Makes a call and gives with its outcome what is needed to make it again. */
export function recordGuest(
  engine: GuestEngine,
  request: GuestRequest,
  host: GuestHost,
  { limits, changes }: { readonly limits: GuestLimits; readonly changes: GuestLimitChanges },
): { readonly outcome: GuestResult; readonly recorded: Recorded } {
  const recorder = new Recorder();
  const steps: HostStep[] = [];
  const outcome = engine.call(request, { ...taped(host, recorder), observe: (step) => steps.push(step) }, limits);
  const inputs = {
    input: bytesToHex(request.input),
    context: bytesToHex(request.context),
    executor: bytesToHex(request.executor),
    timeNs: `${request.timeNs}`,
    seed: bytesToHex(request.seed),
    isLocal: host.local !== undefined,
    limits: changes as { [name: string]: Json },
  };
  const { method } = request;
  const recorded: Recorded = {
    engine: "guest",
    method,
    inputs,
    sources: recorder.steps,
    steps,
    outcome: outcomeOf(outcome),
  };
  return { outcome, recorded };
}

/** Makes a recorded call again. Throws a `Divergence`. */
export function playGuest(
  { method, inputs, steps }: Recording,
  engine: GuestEngine,
  player: Player,
  played: HostStep[],
): RecordedOutcome {
  const bytes = (name: string): Uint8Array => hexToBytes(String(inputs[name] ?? "")) ?? EMPTY_BYTES;
  const timeNs = /^\d{1,19}$/.test(String(inputs["timeNs"])) ? BigInt(String(inputs["timeNs"])) : 0n;
  const request: GuestRequest = {
    method,
    input: bytes("input"),
    context: bytes("context"),
    executor: bytes("executor"),
    timeNs,
    seed: bytes("seed"),
  };
  const none: GuestReader = { get: () => undefined };
  const host = taped({ storage: none, ...(inputs["isLocal"] === true ? { local: NOTHING } : {}) }, player);
  const observe = (seen: HostStep): void => {
    const expected = steps[played.length];
    const at = played.length + 1;
    played.push(seen);
    const shown = shownStep(seen);
    if (expected === undefined) throw new Divergence({ step: at, expected: "the end of the call", seen: shown });
    if (shownStep(expected) !== shown) throw new Divergence({ step: at, expected: shownStep(expected), seen: shown });
  };
  return outcomeOf(engine.call(request, { ...host, observe }, guestLimits(inputs["limits"] as GuestLimitChanges)));
}

export function shownStep(step: HostStep): string {
  return `${shownCall(step)} = ${shownAnswer(step.answer)}`;
}

/** What is there in a call that is run again: the tape answers in its place. */
const NOTHING: LocalWorld = {
  privateStorage: { get: () => undefined },
  blobs: { size: () => undefined, read: () => EMPTY_BYTES },
  members: () => [],
  resolveAlias: () => undefined,
  hasContextAlias: () => false,
};

function taped({ storage, local }: GuestHost, tape: Tape): GuestHost {
  const take = (name: string, args: readonly string[], run: () => Value | undefined): Value | undefined =>
    tape.operate({ name, args, isPure: false, run, charged: () => 0, charge: () => {} });
  const reader = (name: string, from: GuestReader): GuestReader => ({
    get: (key) => take(name, [shownBytes(key)], () => from.get(key)?.slice()) as Uint8Array | undefined,
  });
  const state = { storage: reader("state", storage) };
  if (!local) return state;
  const { privateStorage, blobs, members, resolveAlias, hasContextAlias } = local;
  const world: LocalWorld = {
    privateStorage: reader("private", privateStorage),
    blobs: {
      size: (id) => take("blobs.size", [shownBytes(id)], () => blobs.size(id)) as number | undefined,
      read: (id, start, end) =>
        take("blobs.read", [shownBytes(id), `${start}`, `${end}`], () => blobs.read(id, start, end)) as Uint8Array,
    },
    members: () => take("members", [], () => [...members()]) as Uint8Array[],
    resolveAlias: (name) => take("alias", [shownText(name)], () => resolveAlias(name)) as Uint8Array | undefined,
    hasContextAlias: (name) => take("contextAlias", [shownText(name)], () => hasContextAlias(name)) === true,
  };
  return { ...state, local: world };
}

function outcomeOf(outcome: GuestResult): RecordedOutcome {
  const logs = JSON.stringify(outcome.logs);
  if (!outcome.ok) {
    const { code, message, applicationCode } = outcome.error;
    return { code, message, logs, ...(applicationCode === undefined ? {} : { applicationCode }) };
  }
  const { returned, committed, writes, privateWrites, events, blobs, fuel } = outcome;
  const pairs = (list: GuestOutcomeWrites): string =>
    list.map(([key, value]) => `${shownBytes(key)} ${value === undefined ? "removed" : shownBytes(value)}`).join(", ");
  return {
    code: "ok",
    returned: returned === undefined ? "nothing" : shownBytes(returned),
    committed: committed ? `${shownBytes(committed.root)} ${shownBytes(committed.artifact)}` : "nothing",
    writes: pairs(writes),
    privateWrites: pairs(privateWrites),
    blobs: `${blobs.written.map(shownBytes).join(", ")}; ${blobs.announced.map(shownBytes).join(", ")}`,
    events: events
      .map(({ kind, data, handler = "" }) => `${shownText(kind)} ${shownBytes(data)} ${handler}`)
      .join(", "),
    logs,
    fuel: `${fuel}`,
  };
}

type GuestOutcomeWrites = readonly (readonly [key: Uint8Array, value: Uint8Array | undefined])[];
