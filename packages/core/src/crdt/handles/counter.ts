/** Counter: a sum to which everybody adds and from which everybody subtracts, and nothing gets lost. */
import { idKey } from "../../base/index.ts";
import type { CounterEntryCell } from "../cells/counter-entry.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { COUNTER_SUM_MAX } from "../limits.ts";
import { WriteRefused } from "../refusal.ts";
import { CellLog } from "./cell-log.ts";
import type { WriterHost } from "./handles.ts";

export class CounterView {
  readonly target: CellContainer<CounterEntryCell>;

  constructor(target: CellContainer<CounterEntryCell>) {
    this.target = target;
  }

  /** The sum; beyond the safe integers, the last safe one. */
  value(): number {
    let spilled = 0n;
    let sum = 0;
    this.target.visitAll(({ added, subtracted }) => {
      sum += added - subtracted;
      // Two terms within the cap are exact; what grows beyond it moves on before the next is added.
      if (Math.abs(sum) < COUNTER_SUM_MAX) return;
      spilled += BigInt(sum);
      sum = 0;
    });
    return spilled === 0n ? sum : saturate(spilled + BigInt(sum));
  }
}

export class CounterWriter extends CounterView implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<CounterEntryCell>;
  readonly #key: string;
  #added = 0;
  #subtracted = 0;
  #isBehind = false;

  constructor(host: WriterHost, target: CellContainer<CounterEntryCell>) {
    super(target);
    this.#host = host;
    this.#log = new CellLog(target);
    this.#key = idKey(host.origin.actor);
  }

  /** Adds a safe integer, which may be negative. */
  add(amount: number): void {
    if (!Number.isSafeInteger(amount)) throw new WriteRefused("COUNTER_OUT_OF_RANGE", "add a safe integer");
    if (amount === 0) return;
    this.#host.assertOpen();
    if (this.#log.slots.length === 0) this.#start();
    const added = amount > 0 ? this.#added + amount : this.#added;
    const subtracted = amount < 0 ? this.#subtracted - amount : this.#subtracted;
    if (added > COUNTER_SUM_MAX || subtracted > COUNTER_SUM_MAX) {
      throw new WriteRefused("COUNTER_OUT_OF_RANGE", "one actor adds and subtracts at most 2^52 in all");
    }
    this.#added = added;
    this.#subtracted = subtracted;
    this.#isBehind = true;
  }

  override value(): number {
    this.#catchUp();
    return super.value();
  }

  joins(): ContainerJoins | undefined {
    const joins = this.ownSums();
    return joins && { type: "counter", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
    this.#isBehind = false;
  }

  /** The sums of the actor who writes; undefined when it did not write in this transaction. */
  protected ownSums(): CounterEntryCell | undefined {
    this.#catchUp();
    const slot = this.#log.slots[0];
    return slot === undefined ? undefined : this.target.at(slot);
  }

  #start(): void {
    const found = this.target.find(this.#key);
    this.#host.observer?.onCell(this.target, this.#key, this.target.get(this.#key));
    this.#host.record(this);
    const own = this.target.at(this.#log.record(this.#key, found));
    this.#added = own?.added ?? 0;
    this.#subtracted = own?.subtracted ?? 0;
  }

  /** Adding touches two fields only; the cell is made when somebody looks. */
  #catchUp(): void {
    const slot = this.#log.slots[0];
    if (!this.#isBehind || slot === undefined) return;
    this.#isBehind = false;
    this.target.put(slot, { added: this.#added, subtracted: this.#subtracted });
  }
}

function saturate(sum: bigint): number {
  if (sum > BigInt(Number.MAX_SAFE_INTEGER)) return Number.MAX_SAFE_INTEGER;
  if (sum < BigInt(Number.MIN_SAFE_INTEGER)) return Number.MIN_SAFE_INTEGER;
  return Number(sum);
}
