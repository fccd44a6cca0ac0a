/** What an application says of itself when it is loaded: foreign input, checked before it is believed. */
import { err, ok, type Result, utf8 } from "@dunlin/core/base";
import type { HandlerPolicy } from "@dunlin/core/replica";
import type { StateField } from "./frame.ts";
import { BUNDLE_NAME_BYTES_MAX, DECLARATIONS_MAX, NAME_CHARS_MAX } from "./limits.ts";
import { TYPE_BY_CODE } from "./state-root.ts";

export interface Description {
  readonly name: string | null;
  readonly version: string | null;
  readonly state: readonly StateField[];
  /** Fields that stay on each node. */
  readonly local: readonly StateField[];
  readonly queries: readonly string[];
  readonly mutations: readonly string[];
  readonly events: readonly string[];
  /** Who runs the mutations that handle events; those that are not named run on every node but the author's. */
  readonly handlers: readonly { readonly name: string; readonly policy: HandlerPolicy }[];
  /** The mutations that calls of other contexts may call. */
  readonly exposes: readonly string[];
  /** Whether it shows who is present. */
  readonly presence: boolean;
  /** Whether it has a migration of what an earlier version left. */
  readonly migrates: boolean;
}

const CONTAINER_TYPES: ReadonlySet<unknown> = new Set(TYPE_BY_CODE.slice(1));
const POLICIES: ReadonlySet<unknown> = new Set<HandlerPolicy>(["receivers", "author", "one"]);
/** What the guest ABI allows in a name. */
const NAME = /^[A-Za-z0-9_]+$/;

export function parseDescription(text: string): Result<Description> {
  let value: Partial<Record<keyof Description, unknown>>;
  try {
    value = JSON.parse(text) ?? {};
  } catch {
    return refuse("is not JSON");
  }
  const { name = null, version = null, state, local = [], queries, mutations, events } = value;
  const { handlers = [], exposes = [], presence = false, migrates = false } = value;
  if (!isTitle(name) || !isTitle(version)) return refuse("has a name or version that is no short text");
  if (!isNames(queries) || !isNames(mutations) || !isNames(events)) {
    return refuse(`names a method or event with other than 1 to ${NAME_CHARS_MAX} letters, digits and _`);
  }
  if (!isState(state) || !isState(local))
    return refuse("has a field of an unknown kind, or with a name that is not allowed");
  const names = [...queries, ...mutations];
  if (new Set(names).size !== names.length) return refuse("has two methods of one name");
  if (!isHandlers(handlers, mutations))
    return refuse("names a handler that is no mutation, or an unknown policy of one");
  if (!isNames(exposes) || !exposes.every((name) => mutations.includes(name)))
    return refuse("exposes what is no mutation");
  if (typeof presence !== "boolean") return refuse("does not say whether it shows presence");
  if (typeof migrates !== "boolean") return refuse("does not say whether it migrates");
  return ok({ name, version, state, local, queries, mutations, events, handlers, exposes, presence, migrates });
}

function refuse(what: string): Result<Description> {
  return err("APPLICATION_INVALID", `the application ${what}`);
}

function isTitle(value: unknown): value is string | null {
  if (value === null) return true;
  if (typeof value !== "string" || value === "" || !value.isWellFormed()) return false;
  return utf8(value).length <= BUNDLE_NAME_BYTES_MAX;
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value.length <= NAME_CHARS_MAX && NAME.test(value);
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= DECLARATIONS_MAX && value.every(isName);
}

function isState(value: unknown): value is readonly StateField[] {
  return (
    Array.isArray(value) &&
    value.length <= DECLARATIONS_MAX &&
    value.every((field: unknown) => {
      const { name, type, holdsBlobs = false } = (field ?? {}) as Partial<Record<keyof StateField, unknown>>;
      return isName(name) && CONTAINER_TYPES.has(type) && typeof holdsBlobs === "boolean";
    })
  );
}

function isHandlers(value: unknown, mutations: readonly string[]): value is Description["handlers"] {
  if (!Array.isArray(value) || value.length > DECLARATIONS_MAX) return false;
  return value.every((handler: unknown) => {
    const { name, policy } = (handler ?? {}) as { readonly name?: unknown; readonly policy?: unknown };
    return isName(name) && mutations.includes(name) && POLICIES.has(policy);
  });
}
