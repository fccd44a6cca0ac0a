/**
 * The types of an application's methods and events, read from its entry file: a light pass over the object that it
 * gives to `app`. It knows the usual spellings (`name(state, args: T): R { }`, `name: (state, args: T): R => ...`,
 * `name: input(schema, (state, args: T): R => ...)`, `Kind: payload<T>()`, `here: presence<T>()`); of any other it tells nothing.
 */
import type { AbiMethod, AbiType } from "./abi.ts";
import { accept, type Cursor, readType, skipRest } from "./read-type.ts";
import { type Token, tokenize } from "./tokens.ts";

export type MethodTypes = Pick<AbiMethod, "params" | "returns" | "returns_nullable">;

/** By the name of the method or event. */
export interface SourceTypes {
  readonly methods: ReadonlyMap<string, MethodTypes>;
  readonly events: ReadonlyMap<string, AbiType>;
  /** What members show of themselves. */
  readonly presence: AbiType | undefined;
  /** The named types that those refer to. */
  readonly types: ReadonlyMap<string, AbiType>;
}

const METHOD_SECTIONS: ReadonlySet<string> = new Set(["queries", "mutations"]);

export function readSourceTypes(source: string): SourceTypes {
  const tokens = tokenize(source);
  const methods = new Map<string, MethodTypes>();
  const events = new Map<string, AbiType>();
  const types = new Map<string, AbiType>();
  let presence: AbiType | undefined;
  const cursor = { tokens, at: definitionStart(tokens), aliases: findAliases(tokens), named: types, depth: 0 };
  eachProperty(cursor, (section) => {
    if (!accept(cursor, ":") || !accept(cursor, "{")) return;
    eachProperty(cursor, (name) => {
      if (METHOD_SECTIONS.has(section)) methods.set(name, readMethod(cursor));
      else if (section === "events") {
        const type = readGiven(cursor, "payload");
        if (type) events.set(name, type);
      } else if (section === "state") presence ??= readGiven(cursor, "presence");
    });
  });
  return { methods, events, presence, types };
}

/** After the brace of the first `app({`; the end when there is none. */
function definitionStart(tokens: readonly Token[]): number {
  const at = tokens.findIndex(
    (token, i) => token.text === "app" && tokens[i + 1]?.text === "(" && tokens[i + 2]?.text === "{",
  );
  return at < 0 ? tokens.length : at + 3;
}

/** Of `type Name = T` and `interface Name { }`, without type parameters. */
function findAliases(tokens: readonly Token[]): Map<string, number> {
  const aliases = new Map<string, number>();
  for (const [i, token] of tokens.entries()) {
    const name = tokens[i + 1];
    if (token.kind !== "name" || name?.kind !== "name") continue;
    if (token.text === "type" && tokens[i + 2]?.text === "=") aliases.set(name.text, i + 3);
    if (token.text === "interface" && tokens[i + 2]?.text === "{") aliases.set(name.text, i + 2);
  }
  return aliases;
}

/** Calls `visit` after the name of each property of the object that the cursor is in, and moves past the object. */
function eachProperty(cursor: Cursor, visit: (name: string) => void): void {
  while (cursor.at < cursor.tokens.length && !accept(cursor, "}")) {
    accept(cursor, "async");
    const token = cursor.tokens[cursor.at++];
    if (token !== undefined && token.kind !== "mark") visit(token.text);
    skipProperty(cursor);
  }
}

/** Moves past the comma that ends a property or argument, or to the mark that ends all of them. */
function skipProperty(cursor: Cursor, end = "}"): void {
  let depth = 0;
  for (; cursor.at < cursor.tokens.length; cursor.at++) {
    const { kind, text } = cursor.tokens[cursor.at] as Token;
    if (kind !== "mark") continue;
    if (depth === 0 && text === end) return;
    if (depth === 0 && text === ",") {
      cursor.at++;
      return;
    }
    if (text === "(" || text === "[" || text === "{") depth++;
    else if (text === ")" || text === "]" || text === "}") depth--;
  }
}

function readMethod(cursor: Cursor): MethodTypes {
  accept(cursor, ":");
  if (!accept(cursor, "input") || !accept(cursor, "(")) return readFunction(cursor);
  // The function stands behind the schema.
  skipProperty(cursor);
  const types = readFunction(cursor);
  while (cursor.at < cursor.tokens.length && !accept(cursor, ")")) {
    skipProperty(cursor, ")");
  }
  return types;
}

function readFunction(cursor: Cursor): MethodTypes {
  if (!accept(cursor, "(")) return { params: [] };
  const types = readParameters(cursor);
  const args = types[1];
  const record = args !== undefined && "$ref" in args ? cursor.named.get(args.$ref) : args;
  const params = record !== undefined && "fields" in record ? record.fields : [];
  if (!accept(cursor, ":")) return { params };
  const { type, nullable } = readType(cursor);
  if ("kind" in type && type.kind === "unit" && !nullable) return { params };
  return nullable ? { params, returns: type, returns_nullable: true } : { params, returns: type };
}

/** The types of the parameters, after the opening parenthesis. */
function readParameters(cursor: Cursor): AbiType[] {
  const types: AbiType[] = [];
  while (cursor.at < cursor.tokens.length && !accept(cursor, ")")) {
    skipPattern(cursor);
    types.push(accept(cursor, ":") ? readType(cursor).type : { kind: "unknown" });
    skipRest(cursor);
    while (accept(cursor, "=")) skipRest(cursor);
    if (!accept(cursor, ",") && cursor.tokens[cursor.at]?.text !== ")") cursor.at++;
  }
  return types;
}

/** Moves past a parameter's name or pattern. */
function skipPattern(cursor: Cursor): void {
  let depth = 0;
  for (; cursor.at < cursor.tokens.length; cursor.at++) {
    const { kind, text } = cursor.tokens[cursor.at] as Token;
    if (kind !== "mark") continue;
    if (depth === 0 && (text === ":" || text === "," || text === ")" || text === "=")) return;
    if (text === "(" || text === "[" || text === "{") depth++;
    else if (text === ")" || text === "]" || text === "}") depth--;
  }
}

/** The type that a declaration is given: of `payload<T>()`. */
function readGiven(cursor: Cursor, declares: string): AbiType | undefined {
  if (!accept(cursor, ":") || !accept(cursor, declares) || !accept(cursor, "<")) return undefined;
  const { type, nullable } = readType(cursor);
  return nullable ? undefined : type;
}
