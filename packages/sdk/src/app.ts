/**
 * `app` declares an application: the fields of its state, its events, and its methods. Queries read; mutations also
 * write. Everything is synchronous and starts from the same memory on every call: what a method leaves in a variable
 * is gone before the next one.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Blobs, blobs, type ReadonlyBlobs } from "./blob.ts";
import { type Check, checkOf } from "./check.ts";
import type { Field, ReadOf, WriteOf } from "./field.ts";
import { host } from "./host.ts";
import type { LocalField } from "./local.ts";
import { type Member, type Role, RoleRequired, roleOf, suffices } from "./members.ts";
import { type Methods, type OtherContext, openOther } from "./other-context.ts";
import { openPresence, type PresenceField } from "./presence.ts";
import { decode, encodeLoose, type Value } from "./value.ts";

declare const payloadType: unique symbol;
/** Declares what an event carries: `Edited: payload<{ document: string }>()`. */
export interface Payload<T> {
  readonly [payloadType]?: T;
}

export function payload<T>(): Payload<T> {
  return {};
}

type Fields = {
  readonly [name: string]: Field<unknown, unknown> | LocalField<unknown, unknown> | PresenceField<Value>;
};
type Events = { readonly [kind: string]: Payload<unknown> };
export type ReadState<F extends Fields> = { readonly [Name in keyof F]: ReadOf<F[Name]> };
export type WriteState<F extends Fields> = { readonly [Name in keyof F]: WriteOf<F[Name]> };

export interface QueryContext {
  /** The public key of the member who calls, in base58. */
  readonly caller: string;
  /** The id of this context, in base58. */
  readonly contextId: string;
  /** What the caller may do in this context, as far as this node knows. */
  readonly role: Role;
  /** The members of this context, as far as this node knows. */
  members(): Member[];
  /**
   * Throws `ROLE_REQUIRED` when the caller's role is below this one. It guards what this program does: a member who may
   * write could run another one, so what must hold against members belongs into entries that they own.
   */
  require(role: Role): void;
  /** Milliseconds since 1970 when the call was made: the same for whoever repeats it. `Date` shows it too. */
  readonly now: number;
  /** A number in [0, 1), the same for whoever repeats the call. `Math.random` gives the same series. */
  random(): number;
  /** A line in the node's log. */
  log(message: string): void;
  /** Bytes apart from the state, which refers to them by fields declared with `blob()`. */
  readonly blobs: ReadonlyBlobs;
}

export interface MutationContext<E extends Events> extends QueryContext {
  readonly blobs: Blobs;
  /** Tells every member's subscribers; `handler` names a mutation that the nodes then run with the same data. */
  emit<Kind extends keyof E & string>(
    kind: Kind,
    data: PayloadOf<E[Kind]>,
    options?: { readonly handler?: string },
  ): void;
  /** The context of this node whose call asked for this one; null for a call of the node's user, and in handlers. */
  readonly calledFrom: string | null;
  /**
   * Another context of this node, whose methods to call once this call is durable: `other<Chat>(id).call("post", ...)`,
   * with the methods as types. A context whose call led to this one is refused (`CONTEXT_CYCLE`).
   */
  other<M = Methods>(contextId: string): OtherContext<M>;
}

/**
 * Which nodes run a handler on an event: all but the one whose call told it, that one alone, or, of the members who may
 * write, the one with the lowest key (the next while it is not connected; at least once while the network is parted).
 */
export type HandlerPolicy = "receivers" | "author" | "one";

type PayloadOf<P> = P extends Payload<infer T> ? T : never;
type MethodsOf<State, Context> = { readonly [name: string]: (state: State, args: never, context: Context) => unknown };

export interface Definition<
  F extends Fields,
  E extends Events,
  Q extends MethodsOf<ReadState<F>, QueryContext>,
  M extends MethodsOf<WriteState<F>, MutationContext<E>>,
> {
  readonly name?: string;
  readonly version?: string;
  readonly state: F;
  readonly events?: E;
  readonly queries?: Q;
  readonly mutations?: M;
  /** The mutations that applications of other contexts on a member's node may call, as that member. */
  readonly exposes?: readonly (keyof M & string)[];
  /** Who runs each mutation that handles events; `receivers` when it is not named here. */
  readonly handlers?: { readonly [Name in keyof M & string]?: HandlerPolicy };
  /**
   * Brings the state that an earlier version left into this one's form. It runs once, on the node of the admin who
   * upgrades a context to this version, and what it writes goes to all members. A field keeps its name and type for
   * ever: what changes its type gets a new name, and the old field stays declared for as long as it is read. Members who
   * have not heard of the upgrade may still write what the old version wrote.
   */
  readonly migrate?: (state: WriteState<F>, from: MigratedFrom, context: MutationContext<E>) => void;
}

/** What a context ran before; `version` is null where that is not known or was not said. */
export interface MigratedFrom {
  readonly version: string | null;
}

/** What an application file exports as its default. The members are for the sandbox. */
export interface Application {
  /** JSON: name, version, fields, methods and events. */
  describe(): string;
  /** Runs a method; the answer as JSON, undefined when there is none. */
  invoke(method: string, args: string, caller: string, now: number): string | undefined;
  /** The value of a text that the node has written. */
  decode(text: string): unknown;
}

/**
 * A method whose arguments a schema checks, of any library that follows the Standard Schema: arguments that it refuses
 * fail the call with `ARGS_REFUSED`, and the method gets what the schema makes of them.
 */
export function input<S, A, C, R>(
  schema: StandardSchemaV1<unknown, A>,
  method: (state: S, args: A, context: C) => R,
): (state: S, args: A, context: C) => R {
  const check = checkOf(schema, "ARGS_REFUSED");
  return (state, args, context) => method(state, check(args), context);
}

export function app<
  const F extends Fields,
  Q extends MethodsOf<ReadState<F>, QueryContext>,
  M extends MethodsOf<WriteState<F>, MutationContext<E>>,
  const E extends Events = Record<never, never>,
>(definition: Definition<F, E, Q, M>): Application {
  const queries = Object.entries(definition.queries ?? {});
  const mutations = Object.entries(definition.mutations ?? {});
  const kinds = new Set(Object.keys(definition.events ?? {}));
  const methods = new Map<string, LooseMethod>();
  for (const [name, method] of [...queries, ...mutations]) {
    if (methods.has(name)) throw new Error(`the method ${name} is declared twice`);
    methods.set(name, method as LooseMethod);
  }
  if (definition.migrate) methods.set(MIGRATION, definition.migrate as LooseMethod);
  const fields = placesOf(definition.state);
  const state: Record<string, unknown> = {};
  for (const [index, { name, field }] of fields.entries()) state[name] = field.open(index + 1);
  const present = presenceOf(definition.state);
  if (present !== undefined) state[present.name] = openPresence(present.check);
  // One for all calls: each begins with the memory that the last one found.
  const context: Context = {
    caller: "",
    now: 0,
    get role() {
      return roleOf(context.caller);
    },
    get contextId() {
      return host.contextId();
    },
    get calledFrom() {
      return host.calledFrom() ?? null;
    },
    other: (id) => openOther(id),
    blobs,
    members: () => host.members().map(([publicKey, role]) => ({ publicKey, role: role as Role })),
    require: (role) => {
      if (!suffices(context.role, role)) throw new RoleRequired(role);
    },
    random: () => host.random(),
    log: (message) => host.log(String(message)),
    emit: (kind, data, options) => {
      if (!kinds.has(kind)) throw new Error(`the event ${kind} is not declared`);
      host.emit(kind, encodeLoose(data) ?? "null", options?.handler);
    },
  };
  return {
    describe: () =>
      JSON.stringify({
        name: definition.name ?? null,
        version: definition.version ?? null,
        state: typesOf(fields.filter(({ isLocal }) => !isLocal)),
        local: typesOf(fields.filter(({ isLocal }) => isLocal)),
        queries: queries.map(([name]) => name),
        mutations: mutations.map(([name]) => name),
        events: [...kinds],
        presence: present !== undefined,
        exposes: definition.exposes ?? [],
        handlers: Object.entries(definition.handlers ?? {}).map(([name, policy]) => ({ name, policy })),
        migrates: definition.migrate !== undefined,
      }),
    invoke: (name, args, caller, now) => {
      const method = methods.get(name);
      if (method === undefined) throw new Error(`there is no method ${name}`);
      context.caller = caller;
      context.now = now;
      const answer = method(state, decode(args), context);
      if (answer instanceof Promise) throw new TypeError(`${name} is async: methods are synchronous`);
      return encodeLoose(answer);
    },
    decode,
  };
}

/** The migration among the methods: a name that no method has. */
const MIGRATION = "$migrate";

/** What every method is given, queries too: the sandbox itself refuses their events. */
type Context = { -readonly [Name in keyof MutationContext<Events>]: MutationContext<Events>[Name] };

type LooseMethod = (state: unknown, args: unknown, context: unknown) => unknown;

interface PlacedField {
  readonly name: string;
  readonly field: Field<unknown, unknown>;
  readonly isLocal: boolean;
}

/** The fields in the order by which the host knows them: those that stay here after the others. */
function placesOf(fields: Fields): PlacedField[] {
  const placed = Object.entries(fields).flatMap(([name, field]) => {
    if ("presence" in field) return [];
    return "local" in field ? { name, field: field.local, isLocal: true } : { name, field, isLocal: false };
  });
  return [...placed.filter(({ isLocal }) => !isLocal), ...placed.filter(({ isLocal }) => isLocal)];
}

function presenceOf(fields: Fields): { readonly name: string; readonly check: Check<Value> } | undefined {
  const found = Object.entries(fields).flatMap(([name, field]) =>
    "presence" in field ? [{ name, check: field.presence as Check<Value> }] : [],
  );
  if (found.length > 1) throw new Error("an application declares presence once");
  return found[0];
}

function typesOf(fields: readonly PlacedField[]): object[] {
  return fields.map(({ name, field: { type, holdsBlobs } }) => ({ name, type, ...(holdsBlobs && { holdsBlobs }) }));
}
