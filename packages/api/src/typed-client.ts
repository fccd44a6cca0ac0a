/**
 * The source of a typed client: what an application's interface (its ABI) says, as TypeScript over `@dunlin/client`.
 *
 * An ABI is foreign: what is no identifier is quoted or left out, what is not understood is `unknown`, and nesting ends
 * where it is deeper than an interface can be.
 */

/** Of types within one another. */
const DEPTH_MAX = 32;
const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
/** With a capital, so that it is no word of the language. */
const TYPE_NAME = /^[A-Z][A-Za-z0-9_]*$/;
/** In an object it would be no property. */
const PROTO = "__proto__";
/** Names that the source has for itself, or the language. */
const TAKEN: ReadonlySet<string> = new Set([
  "ExecuteOptions",
  "NodeClient",
  "Omit",
  "PresenceOptions",
  "PresentMember",
  "Promise",
  "Record",
  "Uint8Array",
]);
const PRIMITIVES: Readonly<Record<string, string>> = {
  bool: "boolean",
  bytes: "Uint8Array",
  bigint: "bigint",
  string: "string",
  unit: "null",
  f32: "number",
  f64: "number",
  i32: "number",
  i64: "number",
  u32: "number",
  u64: "number",
};

interface Names {
  readonly service: string;
  /** Of the ABI's types. */
  readonly types: ReadonlySet<string>;
}

type Loose = Readonly<Record<string, unknown>>;

/** `name` is the application's; the function and the interface are named after it. */
export function typedClientSource(name: string, abi: unknown): string {
  const { types, methods, events, presence } = isObject(abi) ? abi : {};
  const service = serviceName(name);
  const typeEntries = Object.entries(isObject(types) ? types : {}).filter(
    ([type]) => TYPE_NAME.test(type) && !TAKEN.has(type) && !type.startsWith(service),
  );
  const names: Names = { service, types: new Set(typeEntries.map(([type]) => type)) };
  const hasPresence = presence !== undefined;
  const callable = listOf(methods).filter(({ name: method }) => typeof method === "string" && method !== PROTO);
  const told = listOf(events).filter(({ name: event }) => typeof event === "string");
  return [
    "// Written by `dunlin app client` from the application's interface: write it again instead of changing it.",
    `import type { ExecuteOptions, NodeClient${hasPresence ? ", PresenceOptions, PresentMember" : ""} } from "@dunlin/client";`,
    "",
    ...typeEntries.map(([type, body]) => `export type ${type} = ${typeOf(body, names, 0)};\n`),
    `export interface ${service} {`,
    ...callable.map((method) => `  ${signatureOf(method, names)}`),
    ...(hasPresence ? [presenceSignature(service)] : []),
    "}",
    "",
    "/** What the application's events carry, by kind. */",
    `export interface ${service}Events {`,
    ...told.map(({ name: event, payload }) => `  readonly ${propertyOf(String(event))}: ${typeOf(payload, names, 0)};`),
    "}",
    "",
    ...(hasPresence ? presenceTypes(service, typeOf(presence, names, 0)) : []),
    `/** The application of a context, called through a node. */`,
    `export function connect${service}(node: NodeClient, contextId: string): ${service} {`,
    "  return {",
    ...callable.map((method) => `    ${implementationOf(method)}`),
    ...(hasPresence ? [presenceImplementation(service)] : []),
    "  };",
    "}",
    "",
  ].join("\n");
}

function presenceSignature(service: string): string {
  return `  /** Who is there, and what they show; changes come to \`node.watch\` as \`onPresence\`. */
  readonly $presence: {
    readonly set: (data: ${service}Shown, options?: PresenceOptions) => Promise<void>;
    readonly leave: () => Promise<void>;
    readonly list: () => Promise<readonly ${service}Present[]>;
  };`;
}

/** Under a name that no method has. */
function presenceImplementation(service: string): string {
  return `    $presence: {
      set: (data, options) => node.presence.set(contextId, data, options),
      leave: () => node.presence.leave(contextId),
      list: async () => (await node.presence.list(contextId)) as readonly ${service}Present[],
    },`;
}

function presenceTypes(service: string, shown: string): string[] {
  return [
    "/** What members show of themselves. */",
    `export type ${service}Shown = ${shown};`,
    "",
    "/** What others show is theirs to choose: look before you rely on it. */",
    `export type ${service}Present = Omit<PresentMember, "data"> & { readonly data: ${service}Shown | null };`,
    "",
  ];
}

function signatureOf(method: Loose, names: Names): string {
  const params = listOf(method["params"]);
  const args = params.length === 0 ? "" : `args: ${recordOf(params, names, 0)}, `;
  const { returns, returns_nullable: isNullable } = method;
  const answer = returns === undefined ? "unknown" : typeOf(returns, names, 0);
  const shown = isNullable === true && answer !== "unknown" ? `${answer} | null` : answer;
  return `readonly ${propertyOf(String(method["name"]))}: (${args}options?: ExecuteOptions) => Promise<${shown}>;`;
}

function implementationOf(method: Loose): string {
  const name = String(method["name"]);
  const [args, passed] = listOf(method["params"]).length === 0 ? ["", "{}"] : ["args, ", "args"];
  return `${propertyOf(name)}: (${args}options) => node.call(contextId, ${JSON.stringify(name)}, ${passed}, options),`;
}

function typeOf(type: unknown, names: Names, depth: number): string {
  if (!isObject(type) || depth > DEPTH_MAX) return "unknown";
  const { $ref: reference, kind, items, key, value, fields } = type;
  if (typeof reference === "string") return names.types.has(reference) ? reference : "unknown";
  if (typeof kind !== "string") return "unknown";
  if (Object.hasOwn(PRIMITIVES, kind)) return PRIMITIVES[kind] ?? "unknown";
  switch (kind) {
    case "list":
      return `readonly (${typeOf(items, names, depth + 1)})[]`;
    case "map":
      return typeOf(key, names, depth + 1) === "string"
        ? `{ readonly [key: string]: ${typeOf(value, names, depth + 1)} }`
        : "unknown";
    case "record":
      return recordOf(listOf(fields), names, depth);
    default:
      return "unknown";
  }
}

function recordOf(fields: readonly Loose[], names: Names, depth: number): string {
  const members = fields
    .filter(({ name }) => typeof name === "string")
    .map(({ name, type, nullable }) => {
      const shown = typeOf(type, names, depth + 1);
      const property = `readonly ${propertyOf(String(name))}`;
      return nullable === true ? `${property}?: ${shown} | null` : `${property}: ${shown}`;
    });
  return members.length === 0 ? "object" : `{ ${members.join("; ")} }`;
}

function propertyOf(name: string): string {
  return IDENTIFIER.test(name) ? name : JSON.stringify(name);
}

/** `kv-store` becomes `KvStore`. */
function serviceName(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return /^[A-Z]/.test(joined) ? joined : `Application${joined}`;
}

function listOf(value: unknown): readonly Loose[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isObject(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
