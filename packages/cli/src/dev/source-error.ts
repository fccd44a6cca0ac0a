/** What is wrong in an author's file: where, and the line with a mark under it. */
import { relative } from "node:path";
import { CommandFailure } from "../failure.ts";

export interface SourceError {
  /** From the working folder where it lies below it, as an editor's terminal opens it. */
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
  /** `TS2322`, or the code of what refused it. */
  readonly code: string;
  /** The first line says what is wrong; what follows, why. */
  readonly message: string;
  /** The source line; undefined when it is not known. */
  readonly text: string | undefined;
}

/** Lines of one report; the rest is counted. */
const ERRORS_SHOWN_MAX = 20;
/** Of an error's explanation, which may nest through many types. */
const WHY_LINES_MAX = 6;
/** A longer line of source is not shown: the mark would stand nowhere. */
const TEXT_CHARS_MAX = 160;

export function relativePath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown === "" || shown.startsWith("..") ? path : shown;
}

/** `app.ts:3:5 TS2322 ...`, the line, and a mark under where it begins. */
function errorLines({ file, line, column, code, message, text }: SourceError): readonly string[] {
  const [what, ...why] = message.split("\n");
  const head = [`${file}:${line}:${column} ${code} ${what}`, ...why.slice(0, WHY_LINES_MAX).map((one) => `  ${one}`)];
  if (text === undefined || text.length > TEXT_CHARS_MAX) return head;
  const number = String(line);
  // What stands before the mark is kept where it is a tab, so that the mark stands under its place.
  const before = text.slice(0, column - 1).replace(/[^\t]/g, " ");
  return [...head, `  ${number} | ${text}`, `  ${" ".repeat(number.length)} | ${before}^`];
}

/** All of a report, shortened. */
export function reportLines(errors: readonly SourceError[]): readonly string[] {
  const rest = errors.length - ERRORS_SHOWN_MAX;
  const shown = errors.slice(0, ERRORS_SHOWN_MAX).flatMap(errorLines);
  return rest > 0 ? [...shown, `and ${rest} more`] : shown;
}

/** What a command ends with that needs an application without errors: the first of them, in one line. */
export function failureOf(errors: readonly SourceError[]): CommandFailure {
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const message = first
    ? `${first.file}:${first.line}:${first.column} ${first.code} ${first.message.split("\n", 1)[0]}${more}`
    : "failed";
  return new CommandFailure("APPLICATION_BUILD_FAILED", message);
}
