/** What TypeScript makes of a schema: the documents that are read, what inserts and updates take, what an editor is. */
import type { AnyField, Fields } from "./fields.ts";

type TypesOf<F extends AnyField> = NonNullable<F["~types"]>;
type Named<F extends Fields, N> = { [K in keyof F]: F[K]["need"] extends N ? K : never }[keyof F];
type Kind<F extends Fields, T> = { [K in keyof F]: F[K]["kind"] extends T ? K : never }[keyof F];
type Flat<T> = { [K in keyof T]: T[K] };

/** A document as read: immutable. */
export type DocumentOf<F extends Fields> = Flat<
  { readonly id: string } & {
    readonly [K in Named<F, "required" | "given">]: TypesOf<F[K]>["output"];
  } & { readonly [K in Named<F, "optional">]?: TypesOf<F[K]>["output"] }
>;

/** What an insert takes: without an id it is given one. */
export type InputOf<F extends Fields> = Flat<
  { readonly id?: string } & { readonly [K in Named<F, "required">]: TypesOf<F[K]>["input"] } & {
    readonly [K in Exclude<keyof F, Named<F, "required">>]?: TypesOf<F[K]>["input"];
  }
>;

/** Fields whose value a patch replaces. */
type Patchable<F extends Fields> = Kind<F, "register" | "firstWriter" | "multiValue">;

/** New values of registers; `undefined` clears an optional one. Other fields change through an editor. */
export type PatchOf<F extends Fields> = Flat<{ readonly [K in Patchable<F>]?: TypesOf<F[K]>["input"] }>;

type Assignable<F extends Fields> = Kind<F, "register" | "firstWriter">;

/** A document in a transaction: registers are assigned to, the others have methods. */
export type EditorOf<F extends Fields> = Flat<
  { readonly id: string } & { [K in Assignable<F>]: TypesOf<F[K]>["editor"] } & {
    readonly [K in Exclude<keyof F, Assignable<F>>]: TypesOf<F[K]>["editor"];
  }
>;

/** The fields that are read and written through a handle. */
export type HandleName<F extends Fields> = Named<F, "handle"> & string;
