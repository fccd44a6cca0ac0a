/** What a command is: data and one function. `cli.ts` parses its options, prints its outcome and maps its failures. */
import type { OpenNode } from "@dunlin/api";
import type { Clock } from "@dunlin/core/base";
import type { ApiClient } from "./api-client.ts";

/** The world of the command line, passed in so that tests need no process. */
export interface Ports {
  /** Writes one line to standard output, or error. */
  out(line: string): void;
  err(line: string): void;
  /** Whether lines may have colours. */
  readonly colours: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly openNode: OpenNode;
  /** Resolves at the first request to stop. */
  untilStopped(): Promise<void>;
}

export interface Option {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  /** What stands for the value in the help: `FOLDER`. */
  readonly value?: string;
  readonly help: string;
}

export interface Call {
  readonly args: readonly string[];
  /** The value of an option given once. */
  option(name: string): string | undefined;
  /** The values of an option that may be given often; undefined when it was not. */
  optionList(name: string): readonly string[] | undefined;
  /** Whether an option without a value was given. */
  flag(name: string): boolean;
  readonly json: boolean;
  /** The home folder, resolved. */
  readonly home: string;
  readonly ports: Ports;
  /** A client of the node that `--api` or `--home` names. */
  client(): Promise<ApiClient>;
}

/** What a command has to say: `json` with `--json`, else the lines. */
export interface Outcome {
  readonly json: unknown;
  readonly lines: readonly string[];
  /** How the command ends, when it did its work and what it found is no success; else 0. */
  readonly exit?: number;
}

export interface Command {
  /** The words that name it: "context create". */
  readonly name: string;
  /** Its arguments as the help shows them; those in brackets may be left out. */
  readonly args: readonly string[];
  readonly summary: string;
  readonly options: Readonly<Record<string, Option>>;
  /** Undefined when it has printed what it had to say. */
  run(call: Call): Promise<Outcome | undefined>;
}
