/**
 * The state of a context as a running application sees it: containers by handle, every operation synchronous.
 *
 * The engine is given one of these for each call and never keeps it. It passes only handles that it was given in the
 * same call, of the type that the operation needs, strings within its limits, and values that are plain data; it
 * never calls a writing operation from a query. Reads see the call's own writes.
 *
 * An operation may throw a `Miss`: the call ends at once without a trace and `Engine.call` throws that same object, so
 * that the caller can load and call again. An exception with a string `code` (a limit, a wrong type, a position out of
 * range) is thrown on into the application, which may catch it. Anything else ends the call and is thrown to the
 * caller as it is.
 */
export type ContainerType = "register" | "map" | "counter" | "set" | "text";

/** Plain data: what a register, a map entry or a set element holds. */
export type HostValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly HostValue[]
  | { readonly [key: string]: HostValue };

/** How the host names a container within one call. */
export type HostHandle = number;

export interface HostState {
  /** The root container of that name. */
  field(type: ContainerType, name: string): HostHandle;
  /** The container under a key of a map, created when there is none: a write. */
  child(map: HostHandle, key: string, type: ContainerType): HostHandle;
  /** The container under a key, without creating it. */
  peek(map: HostHandle, key: string, type: ContainerType): HostHandle | undefined;

  registerGet(register: HostHandle): HostValue | undefined;
  registerSet(register: HostHandle, value: HostValue): void;

  mapGet(map: HostHandle, key: string): HostValue | undefined;
  mapSet(map: HostHandle, key: string, value: HostValue): void;
  mapDelete(map: HostHandle, key: string): void;
  mapHas(map: HostHandle, key: string): boolean;
  mapKeys(map: HostHandle): readonly string[];
  mapSize(map: HostHandle): number;

  counterAdd(counter: HostHandle, by: number): void;
  counterValue(counter: HostHandle): number;

  setAdd(set: HostHandle, value: HostValue): void;
  setRemove(set: HostHandle, value: HostValue): void;
  setHas(set: HostHandle, value: HostValue): boolean;
  setValues(set: HostHandle): readonly HostValue[];
  setSize(set: HostHandle): number;

  /** Positions and counts are in UTF-16 units; the text may hold a lone surrogate. */
  textInsert(text: HostHandle, at: number, inserted: string): void;
  textDelete(text: HostHandle, at: number, count: number): void;
  textLength(text: HostHandle): number;
  textSlice(text: HostHandle, from: number, to: number): string;
  textToString(text: HostHandle): string;
}
