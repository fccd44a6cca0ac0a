/**
 * The plain port of the leptos-sync-core 0.3 types that its benchmarks time: last-writer-wins register and map, and a
 * grow-only counter, as straightforward classes over `Map`. It is the reference of the `crdt` suite and nothing else:
 * the map forgets removals, stamps are wall clock, two writes of one millisecond and replica do not converge.
 */
import { randomUUID } from "node:crypto";

export class PlainRegister<T> {
  value: T;
  stampMs: number;
  replica: string;

  constructor(value: T, stampMs: number, replica: string) {
    this.value = value;
    this.stampMs = stampMs;
    this.replica = replica;
  }

  merge(other: PlainRegister<T>): void {
    const later = other.stampMs > this.stampMs || (other.stampMs === this.stampMs && other.replica > this.replica);
    if (!later) return;
    this.value = other.value;
    this.stampMs = other.stampMs;
    this.replica = other.replica;
  }

  clone(): PlainRegister<T> {
    return new PlainRegister(this.value, this.stampMs, this.replica);
  }
}

export class PlainMap<T> {
  readonly registers: Map<string, PlainRegister<T>> = new Map();

  insert(key: string, value: T, replica: string): void {
    this.registers.set(key, new PlainRegister(value, Date.now(), replica));
  }

  get(key: string): T | undefined {
    return this.registers.get(key)?.value;
  }

  merge(other: PlainMap<T>): void {
    for (const [key, register] of other.registers) {
      const own = this.registers.get(key);
      if (own === undefined) this.registers.set(key, register.clone());
      else own.merge(register);
    }
  }

  clone(): PlainMap<T> {
    const copy = new PlainMap<T>();
    for (const [key, register] of this.registers) copy.registers.set(key, register.clone());
    return copy;
  }
}

/** A register as the original's types say it: a point in time where `PlainRegister` has a number of milliseconds. */
class DatedRegister {
  readonly value: string;
  readonly timestamp: Date;
  readonly replica: string;

  constructor(value: string, replica: string) {
    this.value = value;
    this.timestamp = new Date();
    this.replica = replica;
  }
}

export class DatedMap {
  readonly registers: Map<string, DatedRegister> = new Map();

  insert(key: string, value: string, replica: string): void {
    this.registers.set(key, new DatedRegister(value, replica));
  }
}

export class PlainCounter {
  readonly increments: Map<string, number> = new Map();

  increment(replica: string): void {
    this.increments.set(replica, (this.increments.get(replica) ?? 0) + 1);
  }

  value(): number {
    let sum = 0;
    for (const increment of this.increments.values()) sum += increment;
    return sum;
  }
}

export function plainReplica(): string {
  return randomUUID();
}
