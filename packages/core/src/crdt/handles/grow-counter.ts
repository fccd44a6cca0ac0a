/** Counter that only grows: a counter to which everybody adds and from which nobody can subtract. */
import type { ContainerJoins } from "../joins/joins.ts";
import { WriteRefused } from "../refusal.ts";
import { CounterWriter } from "./counter.ts";

export class GrowCounterWriter extends CounterWriter {
  /** Adds a safe integer that is not negative. */
  override add(amount: number): void {
    if (amount < 0) throw new WriteRefused("COUNTER_ONLY_GROWS", "add what is not negative, or use a counter");
    super.add(amount);
  }

  override joins(): ContainerJoins | undefined {
    const joins = this.ownSums();
    return joins && { type: "grow-counter", name: this.target.fieldName ?? this.target.id, joins };
  }
}
