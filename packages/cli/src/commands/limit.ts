/** `dunlin context limits`: what calls of a context may use on a node. */
import { CONTEXT_LIMIT_NAMES, type Json, limitProblem } from "@dunlin/api";
import type { Command } from "../command.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { fieldOf, valueAt } from "../fields.ts";

export const contextLimits: Command = {
  name: "context limits",
  args: ["CONTEXT"],
  summary: "show what calls of a context may use on this node, or change it from the next call on",
  options: {
    set: { type: "string", multiple: true, value: "NAME=NUMBER", help: "set a limit or budget of this context" },
    reset: { type: "string", multiple: true, value: "NAME", help: "take one back to what the configuration says" },
    all: { type: "boolean", help: "list also those that are as they are by default" },
  },
  async run({ args, optionList, flag, client }) {
    const changes = { ...read(optionList("set") ?? []), ...resets(optionList("reset") ?? []) };
    const node = await client();
    const path = `/admin-api/contexts/${encodeURIComponent(valueAt(args, 0))}/limits`;
    const isChange = Object.keys(changes).length > 0;
    const told = unwrap(isChange ? await node.post(path, { changes }) : await node.get(path));
    const names = CONTEXT_LIMIT_NAMES.filter(
      (name) => flag("all") || fieldOf(fieldOf(told, "limits"), name) !== undefined,
    );
    const width = Math.max(...names.map((name) => name.length));
    return { json: told, lines: names.map((name) => line(told, name, width)) };
  },
};

function line(told: Json, name: string, width: number): string {
  const of = (part: string): Json | undefined => fieldOf(fieldOf(told, part), name);
  const from = of("own") === undefined ? "" : "  set here";
  const used = of("used") === undefined ? "" : `  used ${of("used")}`;
  return `${name.padEnd(width)}  ${of("limits") ?? "default"}${from}${used}`;
}

function read(settings: readonly string[]): Record<string, number> {
  const changes: Record<string, number> = {};
  for (const setting of settings) {
    const [name = "", text = ""] = setting.split("=", 2);
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    const problem = limitProblem(name, value);
    if (problem !== undefined) throw new CommandFailure("USAGE", `--set ${setting}: ${problem}`);
    changes[name] = value;
  }
  return changes;
}

function resets(names: readonly string[]): Record<string, null> {
  const unknown = names.find((name) => !CONTEXT_LIMIT_NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new CommandFailure("USAGE", `--reset: ${limitProblem(unknown, 0)}`);
  return Object.fromEntries(names.map((name) => [name, null]));
}
