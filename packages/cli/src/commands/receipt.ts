/** `dunlin receipt`: how far a delta has got. */
import type { Command } from "../command.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { fieldOf, listOf, valueAt } from "../fields.ts";

export const receipt: Command = {
  name: "receipt",
  args: ["CONTEXT", "DELTA"],
  summary: "who has a delta (of `call --json`) on disk",
  options: {
    until: {
      type: "string",
      value: "N|stable",
      help: "wait up to 20 s until N others have it, or all that ever wrote",
    },
  },
  async run({ args, option, client }) {
    const until = option("until");
    const count = Number(until);
    if (until !== undefined && until !== "stable" && !(Number.isInteger(count) && count >= 1)) {
      throw new CommandFailure("USAGE", '--until must be "stable" or a number of at least 1');
    }
    const goal = until === undefined ? {} : until === "stable" ? { until } : { until: "replicated", count };
    const asked = { contextId: valueAt(args, 0), deltaId: valueAt(args, 1), ...goal };
    const told = unwrap(await (await client()).post("/admin-api/contexts/receipt", asked));
    const replicated = Number(fieldOf(told, "replicated"));
    const isStable = fieldOf(told, "stable") === true;
    const isReached = until === undefined || (until === "stable" ? isStable : replicated >= count);
    if (!isReached) throw new CommandFailure("TIMEOUT", `${replicated} others have it so far: ask again later`);
    return {
      json: told,
      lines: [
        `persisted   ${fieldOf(told, "persisted")}`,
        `replicated  ${replicated}`,
        `stable      ${isStable}`,
        ...listOf(fieldOf(told, "members")).map((member) => `  at  ${member}`),
      ],
    };
  },
};
