/**
 * The steps that can be taken back and those that can be made again, of one database. Every transaction of this database
 * is recorded; when it has committed it becomes a step, or a part of the last one, or, when it took something back, a
 * step of the other stack: making something again is taking back its taking back.
 *
 * The stacks change only when a transaction commits, so calls that wait for one another are taken back in their order.
 */
import { assert, type Clock, type ContainerId } from "../../base/index.ts";
import type { Transaction } from "../../crdt/index.ts";
import type { EditRecorder } from "../engine.ts";
import { CollectionError } from "../errors.ts";
import { Aliases } from "./aliases.ts";
import { Elsewhere } from "./elsewhere.ts";
import { UNDO_CAPTURE_MS_DEFAULT, UNDO_STEP_CHANGES_MAX, UNDO_STEPS_DEFAULT } from "./limits.ts";
import { Recorder, type RecorderHost } from "./recorder.ts";
import type { LeftChange, Recorded, Step, UndoReport } from "./step.ts";
import { takeBack } from "./take-back.ts";

export interface UndoOptions {
  /** Transactions closer together than this are one step, in milliseconds; 0 keeps all apart. 500 when left out. */
  readonly captureMs?: number;
  /** Steps that are kept, the latest ones; 200 when left out. */
  readonly limit?: number;
}

interface UndoPorts {
  readonly clock: Clock;
  readonly isGrowOnly: (records: ContainerId, field: string) => boolean;
}

export class UndoStack implements EditRecorder, RecorderHost {
  readonly aliases: Aliases = new Aliases();
  readonly #ports: UndoPorts;
  readonly #captureMs: number;
  readonly #limit: number;
  readonly #elsewhere = new Elsewhere();
  readonly #done: Step[] = [];
  readonly #undone: Step[] = [];
  #isCommitting = false;
  /** When the last step was added to, while it may still be. */
  #openSinceMs: number | undefined;

  constructor(ports: UndoPorts, { captureMs, limit }: UndoOptions) {
    this.#ports = ports;
    this.#captureMs = natural("captureMs", captureMs ?? UNDO_CAPTURE_MS_DEFAULT);
    this.#limit = natural("limit", limit ?? UNDO_STEPS_DEFAULT);
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  begin(transaction: Transaction): void {
    transaction.observer = new Recorder(this, transaction);
  }

  /** Says that a transaction is a step of its own. */
  label(transaction: Transaction, label: string): void {
    recorderOf(transaction).purpose = { kind: "labelled", label };
  }

  /** Takes back the last step of which anything is left. */
  takeBack(transaction: Transaction, kind: "undo" | "redo"): UndoReport {
    const stack = kind === "undo" ? this.#done : this.#undone;
    const recorder = recorderOf(transaction);
    const left: LeftChange[] = [];
    const { isGrowOnly } = this.#ports;
    const taking = { transaction, recorder, elsewhere: this.#elsewhere, isGrowOnly, left };
    for (let steps = 1; steps <= stack.length; steps++) {
      const step = stack[stack.length - steps] as Step;
      if (!takeBack(taking, step.changes)) continue;
      recorder.purpose = { kind, steps, label: step.label };
      return { done: true, label: step.label, skipped: steps - 1, left };
    }
    recorder.purpose = { kind, steps: stack.length, label: undefined };
    return { done: false, label: undefined, skipped: stack.length, left };
  }

  onChange(container: ContainerId, id?: string): void {
    if (!this.#isCommitting && (this.canUndo || this.canRedo)) this.#elsewhere.note(container, id);
  }

  onForeign(): void {
    this.#elsewhere.noteAll();
  }

  onCommit(): void {
    this.#isCommitting = true;
  }

  onCommitted(recorder: Recorder): void {
    this.#isCommitting = false;
    this.aliases.adopt(recorder.aliases);
    const at = this.#elsewhere.now;
    const changes = recorder.changes().map((change): Recorded => ({ change, by: recorder.by, at }));
    const { purpose } = recorder;
    if (purpose.kind === "undo" || purpose.kind === "redo") {
      const [from, to] = purpose.kind === "undo" ? [this.#done, this.#undone] : [this.#undone, this.#done];
      from.splice(from.length - purpose.steps);
      if (changes.length > 0) to.push({ label: purpose.label, changes });
      this.#openSinceMs = undefined;
    } else if (changes.length > 0) this.#add(changes, purpose.kind === "labelled" ? purpose.label : undefined);
  }

  #add(changes: readonly Recorded[], label: string | undefined): void {
    this.#undone.length = 0;
    const nowMs = this.#ports.clock.now();
    const last = this.#done.at(-1);
    const elapsedMs = this.#openSinceMs === undefined ? undefined : nowMs - this.#openSinceMs;
    const isClose = elapsedMs !== undefined && elapsedMs >= 0 && elapsedMs < this.#captureMs;
    const isOpen = label === undefined && isClose && last !== undefined;
    if (isOpen && last.changes.length < UNDO_STEP_CHANGES_MAX) {
      this.#done[this.#done.length - 1] = { label: undefined, changes: [...last.changes, ...changes] };
    } else {
      this.#done.push({ label, changes });
      if (this.#done.length > this.#limit) this.#done.shift();
    }
    this.#openSinceMs = label === undefined ? nowMs : undefined;
  }
}

function natural(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new CollectionError("UNDO_INVALID", `${name} is a whole number, 0 or more`);
}

/** An undo's transactions are begun by itself. */
function recorderOf({ observer }: Transaction): Recorder {
  assert(observer instanceof Recorder, "the transaction is recorded");
  return observer;
}
