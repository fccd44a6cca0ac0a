/** `dunlin call`: one method of a context's application. */
import { parseJson } from "@dunlin/api";
import type { Command } from "../command.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { fieldOf, valueAt } from "../fields.ts";

export const call: Command = {
  name: "call",
  args: ["CONTEXT", "METHOD", "[ARGS_JSON]"],
  summary: "run a method; prints its output as JSON",
  options: { as: { type: "string", value: "IDENTITY", help: "your identity that calls (default: your first)" } },
  async run({ args, option, client }) {
    const parsed = parseJson(args[2] ?? "{}");
    if (!parsed.ok) throw new CommandFailure("USAGE", `ARGS_JSON is ${parsed.error.message}`);
    const params = { contextId: valueAt(args, 0), method: valueAt(args, 1), argsJson: parsed.value };
    const result = unwrap(await (await client()).execute({ ...params, executorPublicKey: option("as") }));
    const output = fieldOf(result, "output") ?? null;
    return { json: { output, deltaId: fieldOf(result, "deltaId") ?? null }, lines: [JSON.stringify(output)] };
  },
};
