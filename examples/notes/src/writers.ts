/** What the nodes are made to do: A and B replay documents, count and set keys; C sets keys, dies, and goes on. */
import type { NodeApi } from "./api.ts";
import { type Answered, CallLine, CallRefused, LineLost } from "./call-line.ts";
import type { Member } from "./cluster.ts";
import type { DocumentPlan, EditCall } from "./documents.ts";
import { DemoFailure, EXIT } from "./failure.ts";
import type { Ledger, NodeName } from "./ledger.ts";
import {
  BURST_KEYS,
  CALLS_PER_KEY,
  CALLS_PER_TALLY,
  DOCUMENT_CALLS_IN_FLIGHT,
  KEY_CALLS_IN_FLIGHT,
  KEYS_OF_C,
} from "./limits.ts";

/** What one document has come to. */
export interface Replaying {
  readonly plan: DocumentPlan;
  readonly node: NodeName;
  editsDone: number;
}

/** One node's replay, its counts and its keys, on two connections at once. */
export class Replayer {
  readonly node: NodeName;
  readonly replays: readonly Replaying[];
  readonly #ledger: Ledger;
  readonly #documents: CallLine;
  readonly #keys: CallLine;
  readonly #onProgress: () => void;
  #callsSent = 0;
  #keysSent = 0;
  #editsUncounted = 0;

  constructor(
    member: Member,
    contextId: string,
    { plans, ledger, onProgress }: { plans: readonly DocumentPlan[]; ledger: Ledger; onProgress: () => void },
  ) {
    this.node = member.name;
    this.replays = plans.map((plan) => ({ plan, node: member.name, editsDone: 0 }));
    this.#ledger = ledger;
    this.#onProgress = onProgress;
    this.#documents = new CallLine(member.api, contextId, DOCUMENT_CALLS_IN_FLIGHT);
    this.#keys = new CallLine(member.api, contextId, KEY_CALLS_IN_FLIGHT);
  }

  /** Resolves once every call is acknowledged; rejects with the first that was not. */
  async run(): Promise<void> {
    try {
      for (const replay of this.replays) await this.#replay(replay);
    } finally {
      this.#documents.close();
      this.#keys.close();
    }
  }

  async #replay(replay: Replaying): Promise<void> {
    const gathered = new Gathered();
    for (const call of replay.plan.calls) {
      await this.#documents.room();
      gathered.throwIfFailed();
      gathered.add(this.#edit(replay, call));
      await this.#besides(replay, call, gathered);
    }
    gathered.add(this.#tally(this.#editsUncounted));
    await gathered.all();
  }

  async #edit(replay: Replaying, { edits, length }: EditCall): Promise<void> {
    const { name } = replay.plan;
    const acknowledged = this.#ledger.begin(this.node, "edit");
    const { output, deltaId } = await this.#documents.call("edit", { document: name, edits, length });
    if ((output as { applied?: boolean } | null)?.applied !== true) {
      throw new DemoFailure(EXIT.unequal, `node ${this.node} had another text of ${name} than the one edited`);
    }
    acknowledged(deltaId);
    replay.editsDone += edits.length;
    this.#onProgress();
  }

  /** Counting and keys, in step with the document. */
  async #besides(replay: Replaying, call: EditCall, gathered: Gathered): Promise<void> {
    this.#callsSent++;
    this.#editsUncounted += call.edits.length;
    if (this.#callsSent % CALLS_PER_TALLY === 0) {
      await this.#keys.room();
      gathered.add(this.#tally(this.#editsUncounted));
    }
    if (this.#callsSent % CALLS_PER_KEY !== 0) return;
    await this.#keys.room();
    const key = `${this.node.toLowerCase()}/${String(++this.#keysSent).padStart(4, "0")}`;
    const value = `${replay.plan.name}, call ${this.#callsSent}`;
    gathered.add(put(this.#keys, this.#ledger, this.node, [key, value]));
  }

  async #tally(by: number): Promise<void> {
    const name = `edits of ${this.node}`;
    this.#editsUncounted -= by;
    if (by === 0) return;
    const acknowledged = this.#ledger.begin(this.node, "tally");
    const { deltaId } = await this.#keys.call("tally", { name, by });
    acknowledged(deltaId);
    this.#ledger.tallies.set(name, (this.#ledger.tallies.get(name) ?? 0) + by);
  }
}

/** Sets C's keys in step with the others' progress; what was not acknowledged when C died is sent again. */
export class KeyWriter {
  readonly node: NodeName = "C";
  readonly #ledger: Ledger;
  readonly #contextId: string;
  readonly #pending: [string, string][];

  constructor(ledger: Ledger, contextId: string) {
    this.#ledger = ledger;
    this.#contextId = contextId;
    this.#pending = Array.from({ length: KEYS_OF_C }, (_, i) => {
      const key = `c/${String(i + 1).padStart(4, "0")}`;
      return [key, `number ${i + 1} of ${KEYS_OF_C}, set by C`];
    });
  }

  get keysDone(): number {
    return KEYS_OF_C - this.#pending.length;
  }

  /** Keeps up with `wanted()` keys until `isOver()`; woken by `changed`. */
  async keepUp(api: NodeApi, wanted: () => number, changed: () => Promise<void>, isOver: () => boolean): Promise<void> {
    const line = new CallLine(api, this.#contextId, KEY_CALLS_IN_FLIGHT);
    try {
      while (!isOver()) {
        const count = Math.min(KEY_CALLS_IN_FLIGHT, wanted() - this.keysDone);
        if (count > 0) await this.#send(line, count, () => {});
        else await changed();
      }
    } finally {
      line.close();
    }
  }

  /** Sends many at once and tells of each acknowledgement; resolves when all are answered or the node is gone. */
  async burst(api: NodeApi, onAcknowledged: () => void): Promise<void> {
    const line = new CallLine(api, this.#contextId, BURST_KEYS);
    try {
      await this.#send(line, BURST_KEYS, onAcknowledged);
    } catch (thrown) {
      if (!(thrown instanceof LineLost)) throw thrown;
    } finally {
      line.close();
    }
  }

  async #send(line: CallLine, count: number, onAcknowledged: () => void): Promise<void> {
    const sent = this.#pending.slice(0, count).map(async (entry) => {
      await put(line, this.#ledger, this.node, entry);
      this.#pending.splice(this.#pending.indexOf(entry), 1);
      onAcknowledged();
    });
    const settled = await Promise.allSettled(sent);
    for (const result of settled) if (result.status === "rejected") throw result.reason;
  }
}

async function put(line: CallLine, ledger: Ledger, node: NodeName, [key, value]: readonly [string, string]) {
  const acknowledged = ledger.begin(node, "put");
  const { deltaId }: Answered = await line.call("put", { key, value });
  acknowledged(deltaId);
  ledger.values.set(key, value);
}

/** Calls under way of which the first failure counts. */
class Gathered {
  readonly #running: Promise<void>[] = [];
  #failure: { readonly thrown: unknown } | undefined;

  add(call: Promise<void>): void {
    this.#running.push(
      call.catch((thrown: unknown) => {
        this.#failure ??= { thrown };
      }),
    );
  }

  throwIfFailed(): void {
    const thrown = this.#failure?.thrown;
    if (thrown === undefined) return;
    if (thrown instanceof CallRefused) throw new DemoFailure(EXIT.unequal, `a call was refused: ${thrown.message}`);
    throw thrown;
  }

  async all(): Promise<void> {
    await Promise.all(this.#running);
    this.throwIfFailed();
  }
}
