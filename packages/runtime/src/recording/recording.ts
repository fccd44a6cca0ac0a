/**
 * A call as it was made on this node: what it was given, every answer of the host in order, and what came of it. The
 * answers are the state as the call saw it, so the call can be run again when the state has long gone on.
 *
 * It is kept as one line of JSON. What is read back is checked; a line that is none is no recording.
 */
import { type Json, jsonToValue } from "@dunlin/core/base";
import { HOST_STEPS_MAX, RECORDING_CHARS_MAX } from "../limits.ts";

/** What a host operation gave: a value, nothing, an error that the application saw, or the end of the call. */
export interface HostAnswer {
  readonly kind: "value" | "fault" | "abort";
  /** In the form of core's `json.ts`; absent for nothing. */
  readonly value?: Json;
  /** Of a fault or an end. */
  readonly code?: string;
  readonly message?: string;
}

export interface HostStep {
  readonly name: string;
  /** As they are shown. */
  readonly args: readonly string[];
  readonly answer: HostAnswer;
  /** What the operation charged for itself. */
  readonly fuel: number;
}

/** What came of a call, by name: code, message, output, events, logs, fuel, each as text. */
export type RecordedOutcome = Readonly<Record<string, string>>;

export interface Recording {
  /** Its number on this node. */
  readonly call: number;
  readonly atMs: number;
  readonly contextId: string;
  readonly applicationId: string;
  readonly engine: "native" | "guest";
  readonly method: string;
  /** What else the call was given, by name; `native-call.ts` and `guest-call.ts` know. */
  readonly inputs: Readonly<Record<string, Json>>;
  /** What answers the call when it is run again. */
  readonly sources: readonly HostStep[];
  /** For a guest, its host functions as they were called; a native call's are its sources. */
  readonly steps: readonly HostStep[];
  readonly outcome: RecordedOutcome;
}

/** Undefined for a call with more than a recording holds. */
export function encodeRecording(recording: Recording): string | undefined {
  if (recording.sources.length > HOST_STEPS_MAX || recording.steps.length > HOST_STEPS_MAX) return undefined;
  const line = JSON.stringify(recording);
  return line.length <= RECORDING_CHARS_MAX ? line : undefined;
}

/** Undefined for a line that `encodeRecording` did not write. */
export function decodeRecording(line: string): Recording | undefined {
  if (line.length > RECORDING_CHARS_MAX) return undefined;
  let json: Json;
  try {
    json = JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
  return isRecording(json) ? json : undefined;
}

type Check = (value: Json | undefined) => boolean;

const isText: Check = (value) => typeof value === "string";
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const isTexts: Check = (value) => isObject(value) && Object.values(value).every(isText);
const isAnswer: Check = (value) =>
  isObject(value) &&
  (value["kind"] === "value"
    ? value["value"] === undefined || jsonToValue(value["value"]) !== undefined
    : (value["kind"] === "fault" || value["kind"] === "abort") && isText(value["code"]) && isText(value["message"]));
const isStep: Check = (value) =>
  isObject(value) &&
  isText(value["name"]) &&
  Array.isArray(value["args"]) &&
  value["args"].every(isText) &&
  isCount(value["fuel"]) &&
  isAnswer(value["answer"]);
const areSteps: Check = (value) => Array.isArray(value) && value.length <= HOST_STEPS_MAX && value.every(isStep);

const FIELDS: { readonly [F in keyof Recording]: Check } = {
  call: isCount,
  atMs: isCount,
  contextId: isText,
  applicationId: isText,
  engine: (value) => value === "native" || value === "guest",
  method: isText,
  inputs: isObject,
  sources: areSteps,
  steps: areSteps,
  outcome: isTexts,
};

function isRecording(json: Json): json is Json & Recording {
  if (!isObject(json)) return false;
  return (Object.keys(FIELDS) as (keyof Recording)[]).every((name) => FIELDS[name](json[name]));
}

function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
