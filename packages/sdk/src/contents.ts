/** What the entries of a map, the nodes of a tree or the vertices of a graph hold, by the field that says so. */
import type { Field } from "./field.ts";
import type { ContainerMap, ReadonlyContainerMap, ReadonlyValueMap, ValueMap } from "./map.ts";
import type { RegisterField } from "./register.ts";

export type ReadContents<F> =
  F extends RegisterField<infer V>
    ? ReadonlyValueMap<V>
    : F extends Field<infer Read, infer _Write>
      ? ReadonlyContainerMap<Read>
      : never;

export type WriteContents<F> =
  F extends RegisterField<infer V>
    ? ValueMap<V>
    : F extends Field<infer Read, infer Write>
      ? Write extends Read
        ? ContainerMap<Read, Write>
        : never
      : never;

/** A field of whatever handles. */
export type AnyField = Field<unknown, unknown>;
