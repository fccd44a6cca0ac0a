/** `dunlin events`: handlers of events that failed too often. */
import type { Json } from "@dunlin/api";
import type { Command, Outcome } from "../command.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { fieldOf, listOf, valueAt } from "../fields.ts";

export const eventsDeadLetters: Command = {
  name: "events dead-letters",
  args: ["CONTEXT"],
  summary: "handlers of a context that failed too often on an event: delta, place, handler, why",
  options: {},
  async run({ args, client }) {
    const path = `/admin-api/contexts/${encodeURIComponent(valueAt(args, 0))}/dead-letters`;
    const letters = listOf(fieldOf(unwrap(await (await client()).get(path)), "deadLetters"));
    return { json: letters, lines: letters.length === 0 ? ["no dead letters"] : letters.map(letterLine) };
  },
};

export const eventsRetry: Command = settle("retry", "run a dead letter's handler again, from its first attempt");
export const eventsDrop: Command = settle("drop", "give a dead letter up: its handler never runs here");

function settle(how: "retry" | "drop", summary: string): Command {
  return {
    name: `events ${how}`,
    args: ["CONTEXT", "DELTA", "EVENT"],
    summary,
    options: {},
    async run({ args, client }): Promise<Outcome> {
      const event = Number(valueAt(args, 2));
      if (!Number.isInteger(event)) throw new CommandFailure("USAGE", "EVENT is a number, as dead-letters shows it");
      const body = { contextId: valueAt(args, 0), deltaId: valueAt(args, 1), event, how };
      unwrap(await (await client()).post("/admin-api/dead-letters", body));
      return { json: body, lines: [`${how}: event ${event} of ${body.deltaId}`] };
    },
  };
}

function letterLine(letter: Json): string {
  const [delta, event, handler] = ["deltaId", "event", "handler"].map((name) => fieldOf(letter, name));
  return `${delta}  ${event}  ${handler}  ${fieldOf(letter, "code")} after ${fieldOf(letter, "attempts")} runs`;
}
