/**
 * The `dunlin` command: finds the command, reads its options, prints its outcome, and ends with an exit code of the
 * table in `@dunlin/api`. Failures are one line on standard error.
 */
import { parseArgs } from "node:util";
import { EXIT } from "@dunlin/api";
import { createApiClient } from "./api-client.ts";
import type { Call, Command, Option, Ports } from "./command.ts";
import { appBuild, appClient, appInstall, appNew } from "./commands/app.ts";
import { backup, restore } from "./commands/backup.ts";
import { call } from "./commands/call.ts";
import {
  contextCreate,
  contextInvite,
  contextJoin,
  contextList,
  contextMembers,
  contextRemove,
  contextRole,
  contextUpgrade,
  identityCreate,
} from "./commands/context.ts";
import { dev } from "./commands/dev.ts";
import { doctor } from "./commands/doctor.ts";
import { eventsDeadLetters, eventsDrop, eventsRetry } from "./commands/events.ts";
import { contextLimits } from "./commands/limit.ts";
import { receipt } from "./commands/receipt.ts";
import { appReplay, appVerify } from "./commands/replay.ts";
import { run } from "./commands/run.ts";
import { status } from "./commands/status.ts";
import { up } from "./commands/up.ts";
import { watch } from "./commands/watch.ts";
import { CommandFailure, toEnding } from "./failure.ts";
import { homeFolder, readApiAddress } from "./home.ts";
import { printable } from "./printable.ts";

export const COMMANDS: readonly Command[] = [
  up,
  run,
  dev,
  appNew,
  appBuild,
  appInstall,
  appClient,
  appVerify,
  appReplay,
  contextCreate,
  contextInvite,
  contextJoin,
  contextList,
  contextMembers,
  contextRole,
  contextRemove,
  contextUpgrade,
  contextLimits,
  identityCreate,
  call,
  receipt,
  watch,
  eventsDeadLetters,
  eventsRetry,
  eventsDrop,
  status,
  backup,
  restore,
  doctor,
];

const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  home: { type: "string", value: "FOLDER", help: "the node's folder (default: $DUNLIN_HOME, else ~/.dunlin)" },
  json: { type: "boolean", help: "print JSON" },
  help: { type: "boolean", help: "print this" },
};
const CLIENT_OPTIONS: Readonly<Record<string, Option>> = {
  api: { type: "string", value: "URL", help: "a node's API, instead of the one that runs on the home" },
  token: { type: "string", value: "TOKEN", help: "its token (better: $DUNLIN_TOKEN, which no other user can list)" },
};
/** They work on the home itself or start nodes of their own, and ask no running one. */
const LOCAL = ["up", "run", "dev", "app new", "app build", "app verify", "app replay", "backup", "restore", "doctor"];

/** Runs one command line; resolves with the exit code. */
export async function main(argv: readonly string[], ports: Ports): Promise<number> {
  // What cannot be parsed is still answered in the form that was asked for.
  const wantsJson = argv.includes("--json");
  try {
    const command = findCommand(argv);
    if (command === undefined) return explain(argv, ports);
    const parsed = parse(command, argv.slice(command.name.split(" ").length), ports);
    if (parsed === "help") {
      for (const line of commandHelp(command)) ports.out(line);
      return EXIT.ok;
    }
    const outcome = await command.run(parsed);
    if (outcome !== undefined) {
      const lines = parsed.json ? [JSON.stringify(outcome.json)] : outcome.lines;
      for (const line of lines) ports.out(printable(line));
    }
    return outcome?.exit ?? EXIT.ok;
  } catch (error) {
    const { failure, exit } = toEnding(error);
    ports.err(printable(wantsJson ? JSON.stringify({ error: failure }) : `dunlin: ${failure.message}`));
    return exit;
  }
}

function findCommand(argv: readonly string[]): Command | undefined {
  return COMMANDS.find((command) => command.name.split(" ").every((word, index) => argv[index] === word));
}

function explain(argv: readonly string[], ports: Ports): number {
  const [first] = argv;
  if (first !== undefined && !["--help", "-h", "help"].includes(first)) {
    const known = COMMANDS.filter((command) => command.name.startsWith(`${first} `)).map((command) => command.name);
    const hint = known.length > 0 ? `: ${known.join(", ")}` : "; `dunlin --help` lists them";
    throw new CommandFailure("USAGE", `no such command ${JSON.stringify(argv.slice(0, 2).join(" "))}${hint}`);
  }
  const width = Math.max(...COMMANDS.map((command) => usage(command).length));
  for (const line of [
    "dunlin: a local-first peer-to-peer application node",
    "",
    ...COMMANDS.map((command) => `  ${usage(command).padEnd(width)}  ${command.summary}`),
    "",
    "Each takes --help, --json and --home FOLDER; exit codes are in the README of the command.",
  ]) {
    ports.out(line);
  }
  return EXIT.ok;
}

function parse(command: Command, argv: readonly string[], ports: Ports): Call | "help" {
  const { values, positionals } = parseOptions(command, argv);
  if (values["help"] === true) return "help";
  const required = command.args.filter((name) => !name.startsWith("[")).length;
  if (positionals.length < required || positionals.length > command.args.length) {
    throw new CommandFailure("USAGE", `usage: dunlin ${usage(command)}`);
  }
  const option = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === "string" ? value : undefined;
  };
  const home = homeFolder(option("home"), ports.env);
  return {
    args: positionals,
    option,
    optionList(name) {
      const value = values[name];
      return Array.isArray(value) ? value.map(String) : undefined;
    },
    flag: (name) => values[name] === true,
    json: values["json"] === true,
    home,
    ports,
    async client() {
      const url = option("api");
      const token = option("token") ?? ports.env["DUNLIN_TOKEN"];
      if (url !== undefined && token !== undefined) return createApiClient({ url: apiUrl(url), token });
      const running = await readApiAddress(home);
      if (running === undefined) {
        const missing =
          url === undefined ? `no node runs on ${home}: start one with \`dunlin run\`` : "--api needs --token";
        throw new CommandFailure(url === undefined ? "NODE_UNREACHABLE" : "USAGE", missing);
      }
      if (url !== undefined && apiUrl(url) !== running.url) throw new CommandFailure("USAGE", "--api needs --token");
      return createApiClient({ url: running.url, token: token ?? running.token });
    },
  };
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

function parseOptions(command: Command, argv: readonly string[]): { values: Values; positionals: string[] } {
  const options = optionsOf(command);
  try {
    const parsed = parseArgs({
      args: [...argv],
      options: Object.fromEntries(
        Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
      ),
      allowPositionals: true,
      strict: true,
    });
    return { values: parsed.values, positionals: parsed.positionals };
  } catch (error) {
    const [message = ""] = (error instanceof Error ? error.message : String(error)).split(/[.\n]/, 1);
    throw new CommandFailure("USAGE", `${message}; \`dunlin ${command.name} --help\` lists what there is`);
  }
}

function apiUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url.origin;
  throw new CommandFailure("USAGE", "--api must be a URL such as http://127.0.0.1:2528");
}

function optionsOf(command: Command): Readonly<Record<string, Option>> {
  const client = LOCAL.includes(command.name) ? {} : CLIENT_OPTIONS;
  // A command may say of a common option what it is for it.
  return { ...command.options, ...client, ...COMMON_OPTIONS, ...command.options };
}

function usage(command: Command): string {
  return [command.name, ...command.args].join(" ");
}

function commandHelp(command: Command): readonly string[] {
  const rows = Object.entries(optionsOf(command)).map(([name, option]): [string, string] => [
    option.value === undefined ? `--${name}` : `--${name} ${option.value}`,
    option.help,
  ]);
  const width = Math.max(...rows.map(([left]) => left.length));
  return [
    `usage: dunlin ${usage(command)} [options]`,
    "",
    command.summary,
    "",
    ...rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`),
  ];
}
