/**
 * Failure of foreign input, as data.
 *
 * Input from outside (frames, parameters, files, stored bytes) yields a `Result` with a stable, documented code. A
 * broken invariant is an assertion (`assert.ts`) and stops loudly. There is nothing between the two.
 */
export type Result<T, E = Failure> = Ok<T> | Err<E>;

export interface Ok<T> {
  readonly ok: true;
  readonly value: T;
}

export interface Err<E> {
  readonly ok: false;
  readonly error: E;
}

/** A coded failure: `code` is stable and documented in docs/errors.md, `message` says what to do. */
export interface Failure<C extends string = string> {
  readonly code: C;
  readonly message: string;
}

export function ok<T>(value: T): Ok<T> {
  return { ok: true, value };
}

export function err<C extends string>(code: C, message: string): Err<Failure<C>> {
  return { ok: false, error: { code, message } };
}
