/**
 * An application's interface as JSON, in the form of Calimero's WASM-ABI v1, so that its client generator reads it,
 * with additions: a method says whether it is a query or a mutation, `state` lists the fields, `presence` says what
 * members show, a bigint is of the kind
 * `bigint`, and what is not known of a type stands as `{ "kind": "unknown" }`.
 */
import type { MethodKind } from "../call.ts";
import type { Description } from "../description.ts";
import type { ContainerType } from "../state-root.ts";
import type { SourceTypes } from "./source-types.ts";

export type AbiType =
  /** A type of `types`. */
  | { readonly $ref: string }
  | { readonly kind: "bigint" | "bool" | "bytes" | "f64" | "string" | "unit" | "unknown" }
  | { readonly kind: "list"; readonly items: AbiType }
  | { readonly kind: "map"; readonly key: AbiType; readonly value: AbiType }
  | { readonly kind: "record"; readonly fields: readonly AbiField[] };

export interface AbiField {
  readonly name: string;
  readonly type: AbiType;
  readonly nullable?: true;
}

export interface AbiMethod {
  readonly name: string;
  readonly kind: MethodKind;
  readonly params: readonly AbiField[];
  readonly returns?: AbiType;
  readonly returns_nullable?: true;
}

export interface AbiEvent {
  readonly name: string;
  readonly payload?: AbiType;
}

export interface Abi {
  readonly schema_version: "wasm-abi/1";
  readonly types: Readonly<Record<string, AbiType>>;
  readonly methods: readonly AbiMethod[];
  readonly events: readonly AbiEvent[];
  /** What members show of themselves; absent where the application shows nothing. */
  readonly presence?: AbiType;
  readonly state: readonly { readonly name: string; readonly type: ContainerType }[];
}

export function deriveAbi(description: Description, types: SourceTypes): Abi {
  const method = (kind: MethodKind) => (name: string) => ({ name, kind, params: [], ...types.methods.get(name) });
  const event = (name: string): AbiEvent => {
    const payload = types.events.get(name);
    return payload === undefined ? { name } : { name, payload };
  };
  return {
    schema_version: "wasm-abi/1",
    types: Object.fromEntries(types.types),
    methods: [...description.queries.map(method("query")), ...description.mutations.map(method("mutation"))],
    events: description.events.map(event),
    ...(description.presence ? { presence: types.presence ?? { kind: "unknown" } } : {}),
    state: description.state.map(({ name, type }) => ({ name, type })),
  };
}

/** Whether a value has the shape of an ABI, down to the names of its methods, events and fields. */
export function isAbi(value: unknown): value is Abi {
  const { schema_version, types, methods, events, state } = (value ?? {}) as Partial<Record<keyof Abi, unknown>>;
  return (
    schema_version === "wasm-abi/1" &&
    typeof types === "object" &&
    types !== null &&
    isListOf(methods, (item) => isNamed(item) && (item["kind"] === "query" || item["kind"] === "mutation")) &&
    isListOf(events, isNamed) &&
    isListOf(state, (item) => isNamed(item) && typeof item["type"] === "string")
  );
}

function isListOf(value: unknown, holds: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(holds);
}

function isNamed(value: unknown): value is Record<string, unknown> & { readonly name: string } {
  return typeof value === "object" && value !== null && "name" in value && typeof value.name === "string";
}
