/**
 * A light reader of TypeScript types: primitives, literals, object types, arrays, tuples, `Record`, unions with null
 * or undefined, and the aliases and interfaces of the same file. Everything else is `unknown`. It reads what an author
 * has written and proves nothing: the types serve client generators and documentation.
 */
import type { AbiField, AbiType } from "./abi.ts";
import type { Token } from "./tokens.ts";

/** A place in the tokens, which reading moves on. */
export interface Cursor {
  readonly tokens: readonly Token[];
  at: number;
  /** Where the type of each alias and interface of the file starts. */
  readonly aliases: ReadonlyMap<string, number>;
  /** The named object types met so far, which are referred to and not repeated. */
  readonly named: Map<string, AbiType>;
  depth: number;
}

export interface ReadType {
  readonly type: AbiType;
  /** May also be null or undefined. */
  readonly nullable: boolean;
}

/** Types within one another, aliases of aliases included; a recursive type ends here. */
const DEPTH_MAX = 12;
const UNKNOWN: AbiType = { kind: "unknown" };
const PRIMITIVES: ReadonlyMap<string, AbiType> = new Map<string, AbiType>([
  ["string", { kind: "string" }],
  ["number", { kind: "f64" }],
  ["bigint", { kind: "bigint" }],
  ["Uint8Array", { kind: "bytes" }],
  ["boolean", { kind: "bool" }],
  ["true", { kind: "bool" }],
  ["false", { kind: "bool" }],
  ["void", { kind: "unit" }],
  // The SDK's own.
  [
    "BlobRef",
    {
      kind: "record",
      fields: [
        { name: "blob", type: { kind: "string" } },
        { name: "size", type: { kind: "f64" } },
      ],
    },
  ],
]);
const ABSENT: ReadonlySet<string | undefined> = new Set(["null", "undefined"]);
const OPENING: ReadonlySet<string> = new Set(["(", "[", "{", "<"]);
const CLOSING: ReadonlySet<string> = new Set([")", "]", "}", ">"]);
const ENDING: ReadonlySet<string> = new Set([",", ";", "=", "|"]);

/** Reads one type and moves past it. */
export function readType(cursor: Cursor): ReadType {
  if (cursor.depth >= DEPTH_MAX) {
    skipRest(cursor);
    return { type: UNKNOWN, nullable: false };
  }
  cursor.depth++;
  accept(cursor, "|");
  const members: AbiType[] = [];
  let nullable = false;
  do {
    if (ABSENT.has(peek(cursor))) {
      cursor.at++;
      nullable = true;
    } else members.push(readMember(cursor));
  } while (accept(cursor, "|"));
  cursor.depth--;
  return { type: members.length === 0 ? { kind: "unit" } : common(members), nullable };
}

/** Takes a token when it is next. */
export function accept(cursor: Cursor, text: string): boolean {
  if (peek(cursor) !== text) return false;
  cursor.at++;
  return true;
}

/** Moves to the mark that ends the item under way: a separator, or the bracket that closes around it. */
export function skipRest(cursor: Cursor): void {
  let depth = 0;
  for (; cursor.at < cursor.tokens.length; cursor.at++) {
    const token = cursor.tokens[cursor.at];
    if (token?.kind !== "mark") continue;
    if (depth === 0 && (ENDING.has(token.text) || CLOSING.has(token.text))) return;
    if (OPENING.has(token.text)) depth++;
    else if (CLOSING.has(token.text)) depth--;
  }
}

function peek(cursor: Cursor, ahead = 0): string | undefined {
  const token = cursor.tokens[cursor.at + ahead];
  return token === undefined || token.kind === "string" ? undefined : token.text;
}

/** A member of a union, with what follows it. */
function readMember(cursor: Cursor): AbiType {
  accept(cursor, "readonly");
  // An arrow after a parenthesis makes it a function's; after anything else it belongs to the method that is read.
  const follows = peek(cursor) === "(" ? ["&", "[", ".", "=>"] : ["&", "[", "."];
  let type = readPrimary(cursor);
  while (peek(cursor) === "[" && peek(cursor, 1) === "]") {
    cursor.at += 2;
    type = { kind: "list", items: type };
  }
  if (!follows.includes(peek(cursor) ?? "")) return type;
  skipRest(cursor);
  return UNKNOWN;
}

function readPrimary(cursor: Cursor): AbiType {
  const token = cursor.tokens[cursor.at];
  if (token?.kind === "string" || token?.kind === "number") {
    cursor.at++;
    return { kind: token.kind === "string" ? "string" : "f64" };
  }
  if (token?.kind === "name") return readNamed(cursor);
  if (accept(cursor, "{")) return { kind: "record", fields: readFields(cursor) };
  if (accept(cursor, "[")) return { kind: "list", items: common(readItems(cursor, "]")) };
  if (accept(cursor, "(")) return common(readItems(cursor, ")"));
  skipRest(cursor);
  return UNKNOWN;
}

function readNamed(cursor: Cursor): AbiType {
  const name = peek(cursor) ?? "";
  cursor.at++;
  if (accept(cursor, "<")) {
    const [first = UNKNOWN, second = UNKNOWN] = readItems(cursor, ">");
    if (name === "Array" || name === "ReadonlyArray") return { kind: "list", items: first };
    return name === "Record" ? { kind: "map", key: first, value: second } : UNKNOWN;
  }
  const alias = cursor.aliases.get(name);
  if (alias === undefined) return PRIMITIVES.get(name) ?? UNKNOWN;
  return readAlias(cursor, name, alias);
}

/** An object type becomes a named one; any other alias stands for what it says. */
function readAlias(cursor: Cursor, name: string, at: number): AbiType {
  if (cursor.tokens[at]?.text !== "{") {
    const { type, nullable } = readType({ ...cursor, at });
    return nullable ? UNKNOWN : type;
  }
  if (!cursor.named.has(name)) {
    cursor.named.set(name, UNKNOWN);
    const { type, nullable } = readType({ ...cursor, at, depth: 0 });
    cursor.named.set(name, nullable ? UNKNOWN : type);
  }
  return { $ref: name };
}

/** The types up to a closing mark, separated by commas; those of a tuple may be named. */
function readItems(cursor: Cursor, close: string): AbiType[] {
  const items: AbiType[] = [];
  while (cursor.at < cursor.tokens.length && !accept(cursor, close)) {
    if (peek(cursor, 1) === ":") cursor.at += 2;
    const { type, nullable } = readType(cursor);
    items.push(nullable ? UNKNOWN : type);
    if (accept(cursor, ",")) continue;
    skipRest(cursor);
    if (peek(cursor) !== close) cursor.at++;
  }
  return items;
}

/** The properties of an object type, after its opening brace. */
function readFields(cursor: Cursor): AbiField[] {
  const fields: AbiField[] = [];
  while (cursor.at < cursor.tokens.length && !accept(cursor, "}")) {
    if (peek(cursor, 1) !== ":" && peek(cursor, 1) !== "?") accept(cursor, "readonly");
    const name = cursor.tokens[cursor.at]?.text ?? "";
    cursor.at++;
    const optional = accept(cursor, "?");
    if (accept(cursor, ":")) {
      const { type, nullable } = readType(cursor);
      fields.push(optional || nullable ? { name, type, nullable: true } : { name, type });
    }
    if (accept(cursor, ";") || accept(cursor, ",")) continue;
    skipRest(cursor);
    if (peek(cursor) !== "}") cursor.at++;
  }
  return fields;
}

function common(types: readonly AbiType[]): AbiType {
  const [first, ...others] = types.map((type) => JSON.stringify(type));
  return others.every((other) => other === first) ? (types[0] ?? UNKNOWN) : UNKNOWN;
}
