/**
 * The fields of a collection's schema: what each holds, how its concurrent changes merge, and what TypeScript sees of it.
 *
 * A field's kind is part of where its content lives, so two programs that disagree about a kind keep both contents and
 * neither reads the other's.
 */
import type { ContainerType, Value, Writers } from "../../crdt/index.ts";
import type { Checker } from "./checkers.ts";
import type { GraphInput, TreeInput } from "./child-inputs.ts";
import type { CounterEditor, ElementsEditor, ListEditor, MultiValueEditor } from "./editors.ts";

/** Fields that refer to a container of their own. */
export type ChildKind = Exclude<ContainerType, "register" | "counter" | "set" | "records">;

export type FieldKind = "register" | "firstWriter" | "multiValue" | "counter" | "set" | "removeWinsSet" | ChildKind;

/**
 * How a field stands in a document: `required` always; `optional` perhaps; `given` always, since it has a value of its
 * own when none was written; `handle` not at all, being read and written through a handle.
 */
export type Need = "required" | "optional" | "given" | "handle";

export interface Field<I, O, E, K extends FieldKind = FieldKind, N extends Need = Need> {
  readonly kind: K;
  readonly need: N;
  readonly checker: Checker | undefined;
  /** Stands in for what was never written. */
  readonly fallback: unknown;
  /** Of a counter: whether it refuses to be lowered. */
  readonly growOnly: boolean;
  /** Only for types: what an insert takes, what a document shows, what an editor offers. */
  readonly "~types"?: { readonly input: I; readonly output: O; readonly editor: E };
}

export type AnyField = Field<unknown, unknown, unknown>;
export type Fields = Readonly<Record<string, AnyField>>;

/** A field of one value, which may be made optional or given a default. */
export interface ValueField<I, O, K extends FieldKind, N extends Need = "required"> extends Field<I, O, O, K, N> {
  optional(): ValueField<I | undefined, O | undefined, K, "optional">;
  default(value: I): ValueField<I, O, K, "given">;
}

/** One value; of two concurrent ones the later stands. */
export function register<I, O>(checker: Checker<I, O>): ValueField<I, O, "register"> {
  return valueField("register", "required", checker, undefined);
}

/** One value, for good; of two concurrent ones the earlier stands. */
export function firstWriter<I, O>(checker: Checker<I, O>): ValueField<I, O, "firstWriter"> {
  return valueField("firstWriter", "required", checker, undefined);
}

/** A value of which concurrent ones all stay, until somebody resolves them to one. */
export function multiValue<I, O>(
  checker: Checker<I, O>,
): Field<I, readonly O[], MultiValueEditor<O>, "multiValue", "given"> {
  return field("multiValue", "given", checker, []);
}

export interface CounterOptions {
  /** Refuses to be lowered, here; other programs may see it differently. */
  readonly growOnly?: boolean;
}

/** A sum; concurrent increments add up. */
export function counter(options: CounterOptions = {}): Field<number, number, CounterEditor, "counter", "given"> {
  return {
    ...field<number, number, CounterEditor, "counter", "given">("counter", "given", undefined, 0),
    growOnly: options.growOnly === true,
  };
}

export interface SetOptions {
  /** Whether of a concurrent addition and removal the removal stands; otherwise the addition does. */
  readonly removeWins?: boolean;
}

/** Values without order, each at most once. */
export function set<I, O>(
  checker: Checker<I, O>,
  options: SetOptions = {},
): Field<readonly I[], readonly O[], ElementsEditor<O>, "set" | "removeWinsSet", "given"> {
  return field(options.removeWins === true ? "removeWinsSet" : "set", "given", checker, []);
}

/** Text that many edit at once; an insert takes what it holds at first. */
export function text(): Field<string, never, Writers["text"], "text", "handle"> {
  return field("text", "handle", undefined, undefined);
}

/** Entries by key, each a value or a container of its own. */
export function map(): Field<Readonly<Record<string, Value>>, never, Writers["map"], "map", "handle"> {
  return field("map", "handle", undefined, undefined);
}

/** Values in an order that many change at once. */
export function list<I, O>(checker: Checker<I, O>): Field<readonly I[], never, ListEditor<I, O>, "list", "handle"> {
  return field("list", "handle", checker, undefined);
}

/** Nodes below nodes, in order, that can be moved; each may hold a value. */
export function tree(): Field<TreeInput, never, Writers["tree"], "tree", "handle"> {
  return field("tree", "handle", undefined, undefined);
}

export interface GraphOptions {
  /** Whether of a concurrent addition and removal the removal stands; otherwise the addition does. */
  readonly removeWins?: boolean;
}

/** Vertices, and edges between them; each may hold a value. */
export function graph(
  options: GraphOptions = {},
): Field<GraphInput, never, Writers["graph"], "graph" | "remove-wins-graph", "handle"> {
  return field(options.removeWins === true ? "remove-wins-graph" : "graph", "handle", undefined, undefined);
}

function valueField<I, O, K extends FieldKind, N extends Need>(
  kind: K,
  need: N,
  checker: Checker<I, O>,
  fallback: unknown,
): ValueField<I, O, K, N> {
  return {
    ...field<I, O, O, K, N>(kind, need, checker, fallback),
    optional: () =>
      valueField<I | undefined, O | undefined, K, "optional">(
        kind,
        "optional",
        checker as Checker<I | undefined, O | undefined>,
        undefined,
      ),
    default: (value) => valueField(kind, "given", checker, value),
  };
}

function field<I, O, E, K extends FieldKind, N extends Need>(
  kind: K,
  need: N,
  checker: Checker | undefined,
  fallback: unknown,
): Field<I, O, E, K, N> {
  return { kind, need, checker, fallback, growOnly: false };
}
