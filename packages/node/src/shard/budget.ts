/**
 * What a context has used of its budgets on this node. A spent budget refuses calls before they begin, or a write before
 * its delta is made: nothing is half done, and what comes from other members is taken in as always, since a node that
 * refused it would differ from them for good.
 *
 * A rate is a leaking bucket of one period: what was used runs out as evenly as it may be used. A call gets at most the
 * fuel that is left, so no call uses more than a period's worth; it begins when a tenth of it is left.
 */
import type { ApiErrorCode, BudgetName, ContextLimits, ContextUsage } from "@dunlin/api";
import { type Err, err, type Failure, ok, type Result } from "@dunlin/core/base";

type RateName = "fuelPerSecond" | "fuelPerMinute" | "deltasPerSecond";

const PERIOD_MS: { readonly [N in RateName]: number } = {
  fuelPerSecond: 1000,
  fuelPerMinute: 60_000,
  deltasPerSecond: 1000,
};
const FUEL_RATES = ["fuelPerSecond", "fuelPerMinute"] as const;

export interface BudgetPorts {
  readonly limits: () => ContextLimits;
  readonly monotonicMs: () => number;
  /** Bytes of the context's rows in the store; what was committed since is added to them. */
  readonly measureBytes: () => Promise<number>;
  readonly onRefused: (budget: BudgetName) => void;
}

/** What a call may do: `isCut` when it is less than its limit. */
export interface FuelGrant {
  readonly fuel: number;
  readonly isCut: boolean;
}

export class Budget {
  readonly #ports: BudgetPorts;
  readonly #rates = { fuelPerSecond: new Rate(), fuelPerMinute: new Rate(), deltasPerSecond: new Rate() };
  readonly #storage: StorageGauge;
  #refused = 0;

  constructor(ports: BudgetPorts) {
    this.#ports = ports;
    this.#storage = new StorageGauge(ports.measureBytes);
  }

  /** What holds now. */
  get limits(): ContextLimits {
    return this.#ports.limits();
  }

  /** Calls that were refused. */
  get refused(): number {
    return this.#refused;
  }

  /** The fuel of a call that may use at most `fuelMax`. */
  grantFuel(fuelMax: number = Number.POSITIVE_INFINITY): Result<FuelGrant> {
    let fuel = fuelMax;
    for (const name of FUEL_RATES) {
      const most = this.#ports.limits()[name];
      if (most === undefined) continue;
      const left = most - this.#used(name, most);
      if (left < most / 10) return this.#refuse(name, "BUDGET_FUEL", (most / 10 - left) / (most / PERIOD_MS[name]));
      fuel = Math.min(fuel, Math.floor(left));
    }
    return ok({ fuel, isCut: fuel < fuelMax });
  }

  spendFuel(fuel: number): void {
    for (const name of FUEL_RATES) this.#rates[name].spend(fuel);
  }

  /** Whether a write may begin. */
  refusalToWrite(): Err<Failure> | undefined {
    const { deltasPerSecond: deltas, storageBytes } = this.#ports.limits();
    if (deltas !== undefined) {
      const over = this.#used("deltasPerSecond", deltas) - deltas;
      if (over > -1) return this.#refuse("deltasPerSecond", "BUDGET_DELTAS", ((over + 1) / deltas) * 1000);
    }
    if (storageBytes === undefined || !this.#storage.isSpent(storageBytes)) return undefined;
    return this.#refuse("storageBytes", "BUDGET_STORAGE", undefined);
  }

  /** Notes what a commit brought: `own` deltas of this node's among them, and bytes of all. */
  spendCommit(own: number, bytes: number): void {
    this.#rates.deltasPerSecond.spend(own);
    this.#storage.add(bytes);
  }

  /** The failure of a call that ended at the fuel that it was granted. */
  cutShort(): Err<Failure> {
    const limits = this.#ports.limits();
    const name = FUEL_RATES.find((one) => limits[one] !== undefined) ?? "fuelPerSecond";
    return this.#refuse(name, "BUDGET_FUEL", undefined);
  }

  /** Undefined when no budget is set. */
  usage(): ContextUsage | undefined {
    const limits = this.#ports.limits();
    const used: { [N in BudgetName]?: number } = {};
    for (const name of Object.keys(PERIOD_MS) as RateName[]) {
      const most = limits[name];
      if (most !== undefined) used[name] = Math.ceil(this.#used(name, most));
    }
    if (limits.storageBytes !== undefined) used.storageBytes = this.#storage.bytes;
    return Object.keys(used).length > 0 ? used : undefined;
  }

  #used(name: RateName, most: number): number {
    return this.#rates[name].used(most / PERIOD_MS[name], this.#ports.monotonicMs());
  }

  #refuse(budget: BudgetName, code: ApiErrorCode, waitMs: number | undefined): Err<Failure> {
    this.#refused++;
    this.#ports.onRefused(budget);
    const again = waitMs === undefined ? "" : `: try again in ${Math.max(1, Math.ceil(waitMs))} ms`;
    return err(code, `the context has spent its budget ${budget} of ${this.#ports.limits()[budget]}${again}`);
  }
}

class Rate {
  #used = 0;
  #atMs: number | undefined;

  spend(amount: number): void {
    this.#used += amount;
  }

  used(perMs: number, nowMs: number): number {
    this.#used = Math.max(0, this.#used - (nowMs - (this.#atMs ?? nowMs)) * perMs);
    this.#atMs = nowMs;
    return this.#used;
  }
}

/** Measured when it is first asked, and again when what came since makes it seem too much. */
class StorageGauge {
  readonly #measure: () => Promise<number>;
  #measured: number | undefined;
  #since = 0;
  #isMeasuring = false;

  constructor(measure: () => Promise<number>) {
    this.#measure = measure;
  }

  get bytes(): number {
    return (this.#measured ?? 0) + this.#since;
  }

  add(bytes: number): void {
    this.#since += bytes;
  }

  /** False until it was measured: it takes moments. */
  isSpent(most: number): boolean {
    const isSpent = this.#measured !== undefined && this.bytes >= most;
    if (this.#measured === undefined || (isSpent && this.#since > 0)) this.#remeasure();
    return isSpent;
  }

  #remeasure(): void {
    if (this.#isMeasuring) return;
    this.#isMeasuring = true;
    const before = this.#since;
    void this.#measure()
      .then((bytes) => {
        this.#measured = bytes;
        this.#since -= before;
      })
      // A store that fails tells so to whoever writes.
      .catch(() => {})
      .finally(() => {
        this.#isMeasuring = false;
      });
  }
}
