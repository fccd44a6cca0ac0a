/** Values checked against a schema of any library that follows the Standard Schema, before they are written or used. */
import type { StandardSchemaV1 } from "@standard-schema/spec";

/** Gives the value as the schema has it, or throws. */
export type Check<V> = (value: unknown) => V;

/** What a schema refuses, with its reasons. `code` is `VALUE_REFUSED` for state and `ARGS_REFUSED` for arguments. */
export class SchemaRefused extends Error {
  readonly code: string;
  constructor(code: string, issues: readonly StandardSchemaV1.Issue[]) {
    super(issues.map(messageOf).join("; "));
    this.code = code;
  }
}

export function checkOf<V>(schema: StandardSchemaV1<unknown, V> | undefined, code = "VALUE_REFUSED"): Check<V> {
  if (schema === undefined) return (value) => value as V;
  const { validate } = schema["~standard"];
  return (value) => {
    const result = validate(value);
    if (result instanceof Promise) throw new TypeError("a schema of an application checks at once, not by a promise");
    if (result.issues !== undefined) throw new SchemaRefused(code, result.issues);
    return result.value;
  };
}

function messageOf({ message, path = [] }: StandardSchemaV1.Issue): string {
  const at = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return at === "" ? message : `${at}: ${message}`;
}
