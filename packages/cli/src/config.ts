/**
 * `config.json`: what an operator may set, checked before anything is opened.
 *
 * Every field has a default; an unknown key, a wrong type and a number out of range are refused in one line that
 * names the key and what is allowed, since a setting that is silently passed over is worse than none.
 */
import {
  CONFIG_BYTES_MAX,
  CONTEXT_LIMIT_NAMES,
  CONTEXT_LIMIT_RANGES,
  type ContextLimits,
  type NodeConfig,
  parseJson,
  type RecordingConfig,
  SYNC_OVERRIDABLE,
  SYNC_PRESETS,
  SYNC_RANGES,
  type SyncOverrides,
  type SyncPreset,
} from "@dunlin/api";
import { err, type LogLevel, ok, type Result } from "@dunlin/core/base";

import { LOG_LEVELS, type LogConfig } from "./log.ts";

export interface Config {
  readonly node: NodeConfig;
  readonly server: ServerConfig;
  readonly log: LogConfig;
}

export interface ServerConfig {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Origins of pages served elsewhere that may call. */
  readonly origins: readonly string[];
  /** The folder of the page served under `/app/`. */
  readonly page: string | undefined;
}

type Field =
  | { readonly kind: "integer"; readonly fallback: number | undefined; readonly min: number; readonly max: number }
  | { readonly kind: "text"; readonly fallback: string | undefined; readonly choices?: readonly string[] }
  | { readonly kind: "texts"; readonly fallback: readonly string[]; readonly max: number }
  | { readonly kind: "flag"; readonly fallback: boolean }
  | { readonly kind: "levels" }
  /** By context id, what differs there from the rest of the section. */
  | { readonly kind: "overrides"; readonly of: Readonly<Record<string, Field>> };
type Value =
  | number
  | string
  | boolean
  | undefined
  | readonly string[]
  | Readonly<Record<string, LogLevel>>
  | Readonly<Record<string, SyncOverrides | ContextLimits>>;

const integer = (fallback: number | undefined, min: number, max: number): Field => ({
  kind: "integer",
  fallback,
  min,
  max,
});
const text = (fallback: string | undefined, choices?: readonly string[]): Field =>
  choices === undefined ? { kind: "text", fallback } : { kind: "text", fallback, choices };
const texts = (fallback: readonly string[], max: number): Field => ({ kind: "texts", fallback, max });

const TEXT_CHARS_MAX = 1024;
const OVERRIDES_MAX = 1024;

/** Those that are not set have the defaults of whoever runs the calls, or none. */
const LIMIT_NUMBERS = Object.fromEntries(
  CONTEXT_LIMIT_NAMES.map((name) => {
    const [min, max] = CONTEXT_LIMIT_RANGES[name];
    return [name, integer(undefined, min, max)];
  }),
);

/** Those that are not set are the preset's. */
const SYNC_NUMBERS = Object.fromEntries(
  Object.entries(SYNC_RANGES).map(([key, [min, max]]) => [key, integer(undefined, min, max)]),
);

const SYNC_OVERRIDES = Object.fromEntries(SYNC_OVERRIDABLE.map((key) => [key, SYNC_NUMBERS[key] as Field]));

/** Sections, keys, defaults and ranges: the one place that knows them. */
export const CONFIG_FIELDS: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  server: {
    host: text("127.0.0.1", ["127.0.0.1", "::1", "localhost"]),
    port: integer(2528, 0, 65_535),
    origins: texts([], 64),
    page: text(undefined),
  },
  network: {
    listen: texts(["/ip4/0.0.0.0/tcp/2428"], 16),
    peers: texts([], 256),
    mdns: { kind: "flag", fallback: true },
  },
  sync: {
    preset: text("medium", Object.keys(SYNC_PRESETS)),
    ...SYNC_NUMBERS,
    contexts: { kind: "overrides", of: SYNC_OVERRIDES },
  },
  limits: {
    callTimeMs: integer(5000, 10, 600_000),
    ...LIMIT_NUMBERS,
    callFuel: integer(300_000_000, ...CONTEXT_LIMIT_RANGES.callFuel),
    contexts: { kind: "overrides", of: LIMIT_NUMBERS },
  },
  recording: {
    bytesMax: integer(0, 0, 1_073_741_824),
  },
  log: {
    level: text("info", LOG_LEVELS),
    subsystems: { kind: "levels" },
  },
};

export function parseConfig(source: string): Result<Config> {
  if (source.length > CONFIG_BYTES_MAX) return invalid(`the file is larger than ${CONFIG_BYTES_MAX} bytes`);
  const parsed = parseJson(source);
  if (!parsed.ok) return invalid(parsed.error.message);
  if (!isObject(parsed.value)) return invalid("the file must hold one object");
  const sections = new Map<string, ReadonlyMap<string, Value>>();
  const unknown = unknownKey(parsed.value, CONFIG_FIELDS);
  if (unknown !== undefined) return invalid(unknown);
  for (const [name, fields] of Object.entries(CONFIG_FIELDS)) {
    const section = readSection(name, Object.hasOwn(parsed.value, name) ? parsed.value[name] : {}, fields);
    if (!section.ok) return section;
    sections.set(name, section.value);
  }
  return ok(assemble(sections));
}

export function defaultConfig(): Config {
  const parsed = parseConfig("{}");
  if (!parsed.ok) throw new Error("the defaults are a configuration");
  return parsed.value;
}

function readSection(
  name: string,
  given: unknown,
  fields: Readonly<Record<string, Field>>,
): Result<ReadonlyMap<string, Value>> {
  if (!isObject(given)) return invalid(`${name} must be an object`);
  const unknown = unknownKey(given, fields, name);
  if (unknown !== undefined) return invalid(unknown);
  const values = new Map<string, Value>();
  for (const [key, field] of Object.entries(fields)) {
    const value = readField(`${name}.${key}`, Object.hasOwn(given, key) ? given[key] : undefined, field);
    if (!value.ok) return value;
    values.set(key, value.value);
  }
  return ok(values);
}

function readField(at: string, value: unknown, field: Field): Result<Value> {
  if (value === undefined) return ok("fallback" in field ? field.fallback : {});
  const wanted = wantedBy(field, value);
  return wanted === undefined ? ok(value as Value) : invalid(`${at} must ${wanted}`);
}

/** What a field wants instead of a value; undefined when it is content. */
function wantedBy(field: Field, value: unknown): string | undefined {
  switch (field.kind) {
    case "integer": {
      const isInRange = Number.isInteger(value) && Number(value) >= field.min && Number(value) <= field.max;
      return isInRange ? undefined : `be an integer from ${field.min} to ${field.max}`;
    }
    case "text":
      if (!isText(value)) return "be a string";
      return field.choices?.includes(value) === false ? `be one of ${field.choices.join(", ")}` : undefined;
    case "texts":
      if (Array.isArray(value) && value.length <= field.max && value.every(isText)) return undefined;
      return `be a list of at most ${field.max} strings`;
    case "flag":
      return typeof value === "boolean" ? undefined : "be true or false";
    case "levels": {
      const areLevels =
        isObject(value) && Object.values(value).every((level) => LOG_LEVELS.includes(level as LogLevel));
      return areLevels ? undefined : `give subsystems one of ${LOG_LEVELS.join(", ")}`;
    }
    case "overrides": {
      const areOverrides =
        isObject(value) &&
        Object.keys(value).length <= OVERRIDES_MAX &&
        Object.values(value).every((one) => isOverride(field.of, one));
      const known = Object.keys(field.of).join(", ");
      return areOverrides ? undefined : `give each context some of ${known}, each in the range that it has for all`;
    }
  }
}

function isOverride(fields: Readonly<Record<string, Field>>, value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.entries(value).every(([key, number]) => {
    const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
    return field !== undefined && wantedBy(field, number) === undefined;
  });
}

/** The preset, and over it what is set. */
function assembleSync({ preset, ...set }: Record<string, Value>): NodeConfig["sync"] {
  return { ...SYNC_PRESETS[preset as SyncPreset], ...given(set) } as NodeConfig["sync"];
}

/** What is set or has a default. */
function given(values: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Every value has been checked against its field, so the casts state what `readField` has ensured. */
function assemble(sections: ReadonlyMap<string, ReadonlyMap<string, Value>>): Config {
  const section = (name: string): Record<string, Value> => Object.fromEntries(sections.get(name) ?? []);
  return {
    node: {
      network: section("network") as unknown as NodeConfig["network"],
      sync: assembleSync(section("sync")),
      limits: given(section("limits")) as unknown as NodeConfig["limits"],
      recording: section("recording") as unknown as RecordingConfig,
    },
    server: section("server") as unknown as ServerConfig,
    log: section("log") as unknown as LogConfig,
  };
}

function unknownKey(given: object, allowed: object, section?: string): string | undefined {
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(allowed, key));
  if (unknown === undefined) return undefined;
  const at = section === undefined ? unknown : `${section}.${unknown}`;
  return `unknown key ${JSON.stringify(at)}: allowed are ${Object.keys(allowed).join(", ")}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length > 0 && value.length <= TEXT_CHARS_MAX;
}

function invalid(message: string): Result<never> {
  return err("CONFIG_INVALID", `config.json: ${message}`);
}
