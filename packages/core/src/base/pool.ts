/**
 * Things kept for their next use, and given out for a scope: `using lease = pool.acquire()` gives the thing back at the
 * scope's end, however it ends.
 *
 * Owns: a thing has one holder at a time. A lease that is over refuses, by assertion, to be used or given back again, so
 * a stale holder cannot write into what somebody else holds. What comes back when the pool is full is left to the
 * collector: a pool never holds more than its bound.
 *
 * A pool pays for what is costly to make and of bounded size: buffers above some kilobytes, parsers, contexts. Small
 * objects are cheaper made anew; the benchmark suite `memory` shows both.
 */
import { assert } from "./assert.ts";

export interface Lease<T> extends Disposable {
  /** Valid until the lease is over, and not to be kept beyond it. */
  readonly value: T;
}

export interface ObjectPoolOptions<T> {
  readonly create: () => T;
  /** Makes a used one as good as new, when it comes back. */
  readonly reset: (value: T) => void;
  /** How many wait for their next use at most. */
  readonly keptMax: number;
}

export class ObjectPool<T> {
  readonly #options: ObjectPoolOptions<T>;
  readonly #kept: T[] = [];

  constructor(options: ObjectPoolOptions<T>) {
    this.#options = options;
  }

  /** How many wait for their next use. */
  get kept(): number {
    return this.#kept.length;
  }

  acquire(): Lease<T> {
    return new Held(this.#kept.pop() ?? this.#options.create(), (value) => this.#release(value));
  }

  #release(value: T): void {
    this.#options.reset(value);
    if (this.#kept.length < this.#options.keptMax) this.#kept.push(value);
  }
}

/** Smaller buffers are made anew. */
const CLASS_BYTES_MIN = 1024;

/**
 * Buffers by size class, each twice as large as the one below. A buffer has at least the bytes asked for and holds what
 * the last use left in it: it is no place for secrets.
 */
export class BufferPool {
  readonly #bytesMax: number;
  readonly #keptByClass = new Map<number, Uint8Array[]>();
  #keptBytes = 0;

  /** `bytesMax` bounds what waits for its next use, all classes together. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get keptBytes(): number {
    return this.#keptBytes;
  }

  acquire(bytesMin: number): Lease<Uint8Array> {
    assert(Number.isSafeInteger(bytesMin) && bytesMin >= 0, () => `no buffer has ${bytesMin} bytes`);
    let size = CLASS_BYTES_MIN;
    while (size < bytesMin) size *= 2;
    const kept = this.#keptByClass.get(size)?.pop();
    if (kept) this.#keptBytes -= size;
    return new Held(kept ?? new Uint8Array(size), (buffer) => this.#release(buffer));
  }

  #release(buffer: Uint8Array): void {
    const size = buffer.length;
    if (this.#keptBytes + size > this.#bytesMax) return;
    const kept = this.#keptByClass.get(size) ?? [];
    kept.push(buffer);
    this.#keptByClass.set(size, kept);
    this.#keptBytes += size;
  }
}

class Held<T> implements Lease<T> {
  readonly #value: T;
  #release: ((value: T) => void) | undefined;

  constructor(value: T, release: (value: T) => void) {
    this.#value = value;
    this.#release = release;
  }

  get value(): T {
    assert(this.#release, "a lease that is over was used");
    return this.#value;
  }

  [Symbol.dispose](): void {
    assert(this.#release, "a lease was given back twice");
    const release = this.#release;
    this.#release = undefined;
    release(this.#value);
  }
}
