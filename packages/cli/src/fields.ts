/** Reading of what a node answered, and of arguments whose presence has been checked. */
import type { Json } from "@dunlin/api";
import { must, type Result } from "@dunlin/core/base";
import { CommandFailure, unwrap } from "./failure.ts";

/** An argument that the command's own list of arguments demands. */
export function valueAt(args: readonly string[], index: number): string {
  return must(args[index], "the count of arguments has been checked");
}

/** A text field of an answer. */
export function textField(answer: Result<Json>, name: string): string {
  const value = fieldOf(unwrap(answer), name);
  if (typeof value === "string") return value;
  throw new CommandFailure("INTERNAL", `the node's answer lacks ${name}: it may be of another version`);
}

export function fieldOf(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const fields = value as { readonly [key: string]: Json };
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
