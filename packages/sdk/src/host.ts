/**
 * What the sandbox gives to an application: operations on containers, named by handles that are small integers.
 *
 * The collections of this package are thin handles over these operations; nothing else of the outside can be reached.
 * Handles 1 to n are the fields of the application's state in the order of their declaration; `child` and `peek` give
 * further ones, for the current call only. The sandbox checks every argument, so this face protects nobody: it is
 * internal to the package, and an application has no use for it.
 */

/** The kinds of container, by the number that `child` and `peek` take. */
export const CONTAINER_CODE = { register: 1, map: 2, counter: 3, set: 4, text: 5 } as const;
export type ContainerType = keyof typeof CONTAINER_CODE;

export interface Host {
  child(map: number, key: string, type: number): number;
  /** 0 when there is none of that type. */
  peek(map: number, key: string, type: number): number;
  registerGet(handle: number): unknown;
  registerSet(handle: number, value: unknown, form: number): void;
  mapGet(handle: number, key: string): unknown;
  mapSet(handle: number, key: string, value: unknown, form: number): void;
  mapDelete(handle: number, key: string): void;
  mapHas(handle: number, key: string): boolean;
  mapKeys(handle: number): string[];
  mapSize(handle: number): number;
  counterAdd(handle: number, by: number): void;
  counterValue(handle: number): number;
  setAdd(handle: number, value: unknown, form: number): void;
  setRemove(handle: number, value: unknown, form: number): void;
  setHas(handle: number, value: unknown, form: number): boolean;
  setValues(handle: number): unknown[];
  setSize(handle: number): number;
  textInsert(handle: number, at: number, text: string): void;
  textDelete(handle: number, at: number, count: number): void;
  textLength(handle: number): number;
  textSlice(handle: number, from: number, to: number): string;
  textToString(handle: number): string;
  emit(kind: string, data: string, handler: string | undefined): void;
  log(message: string): void;
  random(): number;
}

declare global {
  /** Set by the sandbox before the application is loaded. */
  var __dunlin: Host | undefined;
}

const missing: Host = new Proxy({} as Host, {
  get: (_target, operation) => {
    throw new Error(`${String(operation)}: an application's state exists only while a node runs one of its methods`);
  },
});

export const host: Host = globalThis.__dunlin ?? missing;
