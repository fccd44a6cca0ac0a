/** `dunlin status`: what a node is doing. */
import type { Json } from "@dunlin/api";
import type { Command } from "../command.ts";
import { unwrap } from "../failure.ts";
import { fieldOf, listOf } from "../fields.ts";

export const status: Command = {
  name: "status",
  args: [],
  summary: "version, addresses, peers and contexts of the node",
  options: {},
  async run({ client }) {
    const told = unwrap(await (await client()).get("/admin-api/status"));
    const list = (name: string) => listOf(fieldOf(told, name));
    return {
      json: told,
      lines: [
        `version   ${fieldOf(told, "version")}`,
        `peer id   ${fieldOf(told, "peerId")}`,
        `uptime    ${Math.round(Number(fieldOf(told, "uptimeMs")) / 1000)} s`,
        ...list("addresses").map((address) => `address   ${address}`),
        ...list("peers").map(
          (peer) =>
            `peer      ${fieldOf(peer, "peerId")}  in ${fieldOf(peer, "bytesIn")} B, out ${fieldOf(peer, "bytesOut")} B`,
        ),
        ...list("contexts").flatMap((context) => [
          `context   ${fieldOf(context, "contextId")}  deltas ${fieldOf(context, "deltas")}, heads ${fieldOf(context, "heads")}, pending ${fieldOf(context, "pending")}`,
          ...budgetLines(context),
          ...listOf(fieldOf(context, "equivocations")).map(
            (found) => `  forked  actor ${fieldOf(found, "actor")} of ${fieldOf(found, "member")}`,
          ),
          ...listOf(fieldOf(context, "syncs")).map(
            (sync) => `  sync    ${fieldOf(sync, "peerId")}  ${fieldOf(sync, "state")}`,
          ),
        ]),
      ],
    };
  },
};

/** What is used of each budget that is set, and how many calls were refused for one. */
function budgetLines(context: Json): readonly string[] {
  const budgets = fieldOf(context, "budgets");
  const used = typeof budgets === "object" && budgets !== null ? Object.entries(budgets) : [];
  const refused = Number(fieldOf(context, "refusedCalls") ?? 0);
  return [
    ...(used.length > 0 ? [`  budget  used ${used.map(([name, value]) => `${name} ${value}`).join(", ")}`] : []),
    ...(refused > 0 ? [`  budget  ${refused} calls refused`] : []),
  ];
}
