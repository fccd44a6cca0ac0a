/**
 * The handlers of one node: production's runner over the replica's own ledger, with `events.ts` as the application, and
 * the oracle of what each node must have handled, and how often.
 *
 * Owes: an event that a node was told is handled there as its policy says, once, whatever crashed in between; what a run
 * left that failed is gone; what is dead stays so until somebody has it run again.
 */
import { idKeyToBytes, type PublicKey, publicKey, type Result, silentLog, utf8ToString } from "@dunlin/core/base";
import type { Commit, HandlerPolicy, Handlers, LedgerErrorCode, OpenEntry, Replica } from "@dunlin/core/replica";
import type { Counts } from "@dunlin/core/simulation";
import { HandlerRunner } from "@dunlin/runtime";
import { effectOf, effectsIn, handle, POLICIES, type Told, toldBy } from "./events.ts";
import { HANDLERS_LOOKED_AT_MS } from "./limits.ts";
import type { Fault } from "./violation.ts";

export interface HandlersPorts {
  readonly index: number;
  readonly clock: { now(): number };
  readonly counts: Counts;
  readonly isHealed: () => boolean;
}

/** What ends with a crash. */
export interface Running {
  readonly replica: Replica;
  /** Whether it is still this incarnation that runs. */
  readonly isLive: () => boolean;
  readonly connected: () => readonly PublicKey[];
}

const WRITER_RANK = 2;
/** In a row of causes: an event that so many handlers told is handled by none. */
const ROUNDS = 8;
const DEPTH = "HANDLER_DEPTH" satisfies LedgerErrorCode;

export class NodeHandlers {
  readonly #ports: HandlersPorts;
  /** What it is to handle, by the effect, through all its incarnations. */
  readonly #owed = new Map<string, Told>();
  #handlers: Handlers | undefined;
  #runner: HandlerRunner | undefined;
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  constructor(ports: HandlersPorts) {
    this.#ports = ports;
  }

  /** The node has opened its replica; `commit` is what it tells from then on. */
  start({ replica, isLive, connected }: Running): void {
    const { handlers } = replica;
    if (!handlers) return;
    const run = (entry: OpenEntry, policy: HandlerPolicy): Promise<Result<unknown>> =>
      isLive() ? this.#run(handlers, entry, policy) : never();
    this.#handlers = handlers;
    this.#runner = new HandlerRunner({
      handlers,
      self: replica.member,
      clock: this.#ports.clock,
      log: silentLog,
      writers: () => writersOf(replica),
      connected,
      policyOf: async (handler) => ({ ok: true, value: POLICIES.find((policy) => policy === handler) ?? "receivers" }),
      run,
    });
    replica.onCommit((commit) => {
      this.#note(commit);
      if (isLive()) this.#runner?.wake();
    });
    this.#runner.wake();
  }

  /** About once a second. When all is healed somebody sees to what is dead. */
  tick(): void {
    this.#runner?.wake();
    const now = this.#ports.clock.now();
    if (!this.#ports.isHealed() || Math.abs(now - this.#lookedAtMs) < HANDLERS_LOOKED_AT_MS) return;
    this.#lookedAtMs = now;
    for (const entry of this.#handlers?.entries() ?? []) {
      if (!entry.dead) continue;
      if (entry.code !== DEPTH && this.#handlers?.replay(entry).ok) this.#ports.counts.add("handler.replayed");
      // Given up by some.
      if (entry.code === DEPTH && entry.order % 2 === 0 && this.#handlers?.drop(entry).ok) {
        this.#ports.counts.add("handler.dropped");
      }
    }
    this.#runner?.wake();
  }

  /** What is still to be done here that must come to an end; `one` waits for others, who may be traitors. */
  unfinished(isPeaceful: boolean): string | undefined {
    const open = (this.#handlers?.entries() ?? []).filter(({ code, dead, payload }) => {
      return !(dead && code === DEPTH) && (isPeaceful || payload.handler !== "one");
    });
    return open.length > 0
      ? `has ${open.length} events to handle, the first as ${open[0]?.payload.handler}: ${utf8ToString(open[0]?.payload.data ?? new Uint8Array(0))}`
      : undefined;
  }

  /** What it owes that is not in the state. */
  lost(had: ReadonlySet<string>): string | undefined {
    for (const [name, { round, course, policy }] of this.#owed) {
      if (course === "silent" || policy === "one" || round >= ROUNDS || had.has(name)) continue;
      return `an event is not handled: ${name} (${course})`;
    }
    return undefined;
  }

  async #run(handlers: Handlers, entry: OpenEntry, policy: HandlerPolicy): Promise<Result<unknown>> {
    const { index, counts, isHealed } = this.#ports;
    const ran = await handlers.run(entry, (transaction) => handle(entry, index, isHealed(), transaction), policy);
    counts.add(ran.ok ? `handler.ran.${entry.payload.handler}` : `handler.${ran.error.code}`);
    if (ran.ok && entry.attempts > 0) counts.add("handler.ran_again");
    return ran;
  }

  #note({ deltas }: Commit): void {
    for (const { events, local } of deltas) {
      for (const event of events) {
        const told = toldBy(event);
        if (!told) continue;
        if (told.round >= ROUNDS) this.#ports.counts.add("handler.too_deep");
        if ((told.policy === "author") === local) this.#owed.set(effectOf(told, this.#ports.index), told);
      }
    }
  }
}

/** What is wrong with the effects in a state that was reached after calls of these nodes. */
export function effectsFault(
  document: Replica["document"],
  nodeOfCall: (call: number) => number | undefined,
): Fault | undefined {
  for (const { name, times } of effectsIn(document)) {
    const [call = "", policy = "", round = "", node = ""] = name.split(" ");
    const author = nodeOfCall(Number(call));
    const isMisplaced = policy !== "one" && (policy === "author") !== (author === Number(node));
    if (times !== 1) return { id: "HANDLED_TWICE", message: `an event took effect ${times} times: ${name}` };
    if (isMisplaced) return { id: "HANDLED_WRONGLY", message: `an event is handled where it is not to be: ${name}` };
    if (Number(round) >= ROUNDS) return { id: "HANDLED_WRONGLY", message: `handlers go round without an end: ${name}` };
  }
  return undefined;
}

function writersOf(replica: Replica): PublicKey[] {
  const writers = [...replica.access().rankByMember].filter(([, rank]) => rank >= WRITER_RANK);
  return writers.map(([key]) => publicKey(idKeyToBytes(key)));
}

/** Of a node that has crashed. */
function never(): Promise<never> {
  return new Promise(() => {});
}
