/**
 * The one import table: every host function of the Calimero ABI, bound to the call under way. What a module imports is
 * checked when it is loaded: that the function exists, and that its signature is that of one form of the ABI.
 */
import { assert, err, ok, type Result } from "@dunlin/core/base";
import type { ModuleErrorCode } from "../fuel/errors.ts";
import { type FunctionImport, type FunctionType, shown } from "../fuel/module.ts";
import type { HostAnswer } from "../recording/recording.ts";
import { shownBytes } from "../recording/shown.ts";
import type { GuestMemory, Slice } from "../wasm/guest-memory.ts";
import type { ImportFunctions } from "../wasm/instance.ts";
import { COLLECTION_FUNCTIONS } from "./functions/collections.ts";
import { BLOB_FUNCTIONS, CONTEXT_FUNCTIONS, PROPOSAL_FUNCTIONS } from "./functions/contexts.ts";
import { STORAGE_FUNCTIONS } from "./functions/storage.ts";
import { SYSTEM_FUNCTIONS } from "./functions/system.ts";
import { UTILITY_FUNCTIONS } from "./functions/utility.ts";
import type { HostCall } from "./host-call.ts";
import { type AbiForm, type HostFunction, type HostResult, readArguments, signatureOf } from "./host-function.ts";
import { HostTrap } from "./trap.ts";

export const HOST_FUNCTIONS: readonly HostFunction[] = [
  ...SYSTEM_FUNCTIONS,
  ...STORAGE_FUNCTIONS,
  ...CONTEXT_FUNCTIONS,
  ...PROPOSAL_FUNCTIONS,
  ...BLOB_FUNCTIONS,
  ...UTILITY_FUNCTIONS,
  ...COLLECTION_FUNCTIONS,
];

const functionsByName = new Map(HOST_FUNCTIONS.map((declared) => [declared.name, declared]));
const FORMS: readonly AbiForm[] = ["descriptor", "flat"];

/** The call whose guest runs; host functions serve no other. */
export interface CurrentCall {
  call: HostCall | undefined;
}

interface Bound {
  readonly declared: HostFunction;
  readonly form: AbiForm;
}

/** Checks a module's imports; gives what binds them to the call of an instance. */
export function resolveImports(imports: readonly FunctionImport[]): Result<(current: CurrentCall) => ImportFunctions> {
  const bound: Bound[] = [];
  for (const { module, name, type } of imports) {
    const declared = module === "env" ? functionsByName.get(name) : undefined;
    if (!declared) {
      return err<ModuleErrorCode>("IMPORT_UNKNOWN", `there is no host function ${shown(module)}.${shown(name)}`);
    }
    const form = FORMS.find((candidate) => sameType(signatureOf(declared, candidate), type));
    if (form === undefined) {
      const [now] = FORMS.map((candidate) => typeToText(signatureOf(declared, candidate)));
      const message = `the host function ${name} is ${now}, and the module imports ${typeToText(type)}`;
      return err<ModuleErrorCode>("IMPORT_SIGNATURE", message);
    }
    bound.push({ declared, form });
  }
  return ok((current) => Object.fromEntries(bound.map((one) => [one.declared.name, bind(one, current)])));
}

function bind({ declared, form }: Bound, current: CurrentCall): WebAssembly.ImportFunction {
  return (...args: (bigint | number)[]) => {
    const { call } = current;
    assert(call, "a guest runs within a call");
    call.work(0);
    const values = readArguments(declared, form, call.memory, args);
    const result = call.observe ? observed(call, declared, values) : declared.run(call, values);
    return typeof result === "boolean" ? Number(result) : result;
  };
}

/** Runs a host function and tells of it, with what it was given and gave as text. */
function observed(call: HostCall, declared: HostFunction, values: readonly never[]): HostResult {
  const { name } = declared;
  const args = values.map((value) => shownArgument(call.memory, value));
  call.given = undefined;
  const worked = call.worked;
  const tell = (answer: HostAnswer): void => call.observe?.({ name, args, answer, fuel: call.worked - worked });
  let result: HostResult;
  try {
    result = declared.run(call, values);
  } catch (thrown) {
    if (thrown instanceof HostTrap) tell({ kind: "abort", code: thrown.type, message: thrown.message });
    throw thrown;
  }
  const given = call.given ? shownBytes(call.given) : undefined;
  const number = result === undefined ? [] : [String(typeof result === "boolean" ? Number(result) : result)];
  tell({ kind: "value", value: [...number, ...(given === undefined ? [] : [given])] });
  return result;
}

/** Numbers, and the bytes that slices name. */
function shownArgument(memory: GuestMemory, value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  if ("at" in value && "length" in value) return shownBytes(memory.read(value as Slice));
  return `{ ${Object.entries(value)
    .map(([name, part]) => `${name}: ${shownArgument(memory, part)}`)
    .join(", ")} }`;
}

function sameType(a: FunctionType, b: FunctionType): boolean {
  return typeToText(a) === typeToText(b);
}

function typeToText({ params, results }: FunctionType): string {
  return `(${params.join(", ")}) -> (${results.join(", ")})`;
}
