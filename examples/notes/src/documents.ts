/**
 * The documents to be made: recorded histories, read, put into one order, and cut into calls.
 *
 * Each call says how long the text is that its positions are of, so that a call out of order would be refused by the
 * application and never spoil the text in silence.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DemoFailure, EXIT, reasonOf } from "./failure.ts";
import { linearize } from "./histories.ts";
import {
  CALL_CHARS_MAX,
  CALLS_PER_DOCUMENT_WANTED,
  DOCUMENTS_MAX,
  EDITS_MAX,
  EDITS_PER_CALL_MAX,
  INSERTED_CHARS_MAX,
} from "./limits.ts";
import { codePointEditsToUtf16, type Patch, readTrace, type Trace } from "./traces.ts";

const OWN_TRACES = fileURLToPath(new URL("../../../fixtures/traces", import.meta.url));

export interface EditCall {
  readonly edits: readonly Patch[];
  /** Length of the text before the call, in UTF-16 units. */
  readonly length: number;
}

export interface DocumentPlan {
  readonly name: string;
  readonly kind: Trace["kind"];
  /** Edits in all its calls. */
  readonly edits: number;
  readonly calls: readonly EditCall[];
  /** What the text must be in the end. */
  readonly endContent: string;
}

export interface Work {
  readonly folder: string;
  /** By writer, the first for A and the second for B: what each replays, one document after another. */
  readonly documents: readonly [readonly DocumentPlan[], readonly DocumentPlan[]];
  /** What of the folder is not replayed, in words. */
  readonly leftOut: readonly string[];
}

/** Reads a folder of histories and shares them out. One history alone is replayed by both, into two documents. */
export function planWork(folder: string = OWN_TRACES): Work {
  const found = readFolder(folder).sort((a, b) => b.edits - a.edits || (a.name < b.name ? -1 : 1));
  const [first] = found;
  if (first === undefined) throw new DemoFailure(EXIT.input, `${folder} holds no recorded history (.json.gz)`);
  const documents: [DocumentPlan[], DocumentPlan[]] = [[], []];
  const edits: [number, number] = [0, 0];
  const leftOut: string[] = [];
  for (const plan of found.length === 1 ? [first, { ...first, name: `${first.name}-2` }] : found) {
    const count = documents[0].length + documents[1].length;
    if (count >= DOCUMENTS_MAX || (count >= 2 && edits[0] + edits[1] + plan.edits > EDITS_MAX)) {
      leftOut.push(`${plan.name} (${plan.edits} edits)`);
      continue;
    }
    const writer = edits[0] <= edits[1] ? 0 : 1;
    documents[writer].push(plan);
    edits[writer] += plan.edits;
  }
  return { folder, documents, leftOut };
}

/** Cuts edits into calls, in order. */
export function toCalls(edits: readonly Patch[]): EditCall[] {
  const wanted = Math.ceil(edits.length / CALLS_PER_DOCUMENT_WANTED);
  const perCall = Math.min(EDITS_PER_CALL_MAX, Math.max(1, wanted));
  const calls: EditCall[] = [];
  let call: Patch[] = [];
  let chars = 0;
  let length = 0;
  let lengthBefore = 0;
  const close = (): void => {
    if (call.length > 0) calls.push({ edits: call, length: lengthBefore });
    call = [];
    chars = 0;
    lengthBefore = length;
  };
  for (const edit of edits) {
    for (const part of splitEdit(edit)) {
      if (call.length >= perCall || (call.length > 0 && chars + part[2].length > CALL_CHARS_MAX)) close();
      call.push(part);
      chars += part[2].length;
      length += part[2].length - part[1];
    }
  }
  close();
  return calls;
}

/** A long insertion as several that follow each other, never cut within a surrogate pair. */
function splitEdit([position, deleteCount, inserted]: Patch): Patch[] {
  if (inserted.length <= INSERTED_CHARS_MAX) return [[position, deleteCount, inserted]];
  const parts: Patch[] = [];
  for (let at = 0; at < inserted.length; ) {
    let end = Math.min(inserted.length, at + INSERTED_CHARS_MAX);
    const unit = inserted.charCodeAt(end);
    if (end < inserted.length && unit >= 0xdc00 && unit < 0xe000) end--;
    parts.push([position + at, at === 0 ? deleteCount : 0, inserted.slice(at, end)]);
    at = end;
  }
  return parts;
}

function readFolder(folder: string): DocumentPlan[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => /\.json(\.gz)?$/.test(name));
  } catch (thrown) {
    throw new DemoFailure(EXIT.input, `the folder of histories cannot be read: ${reasonOf(thrown)}`);
  }
  return names.map((name) => readPlan(join(folder, name)));
}

function readPlan(path: string): DocumentPlan {
  const name = basename(path).replace(/\.json(\.gz)?$/, "");
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (thrown) {
    throw new DemoFailure(EXIT.input, `${path} cannot be read: ${reasonOf(thrown)}`);
  }
  const trace = readTrace(bytes);
  if (!trace.ok) throw new DemoFailure(EXIT.input, `${path} is no recorded history: ${trace.error.message}`);
  const edits = inOneOrder(trace.value, path);
  return {
    name,
    kind: trace.value.kind,
    edits: edits.length,
    calls: toCalls(edits),
    endContent: trace.value.endContent,
  };
}

/** The edits from the empty text on, in UTF-16 units and in recorded order. */
function inOneOrder(trace: Trace, path: string): readonly Patch[] {
  try {
    if (trace.kind === "concurrent") return linearize(trace);
  } catch (thrown) {
    throw new DemoFailure(EXIT.input, `${path} cannot be merged: ${reasonOf(thrown)}`);
  }
  const edits = codePointEditsToUtf16(trace.patches, trace.startContent);
  return trace.startContent === "" ? edits : [[0, 0, trace.startContent], ...edits];
}
