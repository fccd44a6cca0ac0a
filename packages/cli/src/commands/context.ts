/** `dunlin context` and `dunlin identity`: who shares what. */
import type { Json } from "@dunlin/api";
import type { Command } from "../command.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { fieldOf, listOf, textField, valueAt } from "../fields.ts";

export const contextCreate: Command = {
  name: "context create",
  args: ["APPLICATION_ID"],
  summary: "create a context of an installed application; its id, then your identity in it",
  options: {
    params: { type: "string", value: "JSON", help: "arguments for the application's init, which is called then" },
  },
  async run({ args, option, client }) {
    const params = option("params");
    const initializationParams = params === undefined ? undefined : [...new TextEncoder().encode(params)];
    const body = { applicationId: valueAt(args, 0), ...(initializationParams && { initializationParams }) };
    const created = await (await client()).post("/admin-api/contexts", body);
    const contextId = textField(created, "contextId");
    const memberPublicKey = textField(created, "memberPublicKey");
    return { json: { contextId, memberPublicKey }, lines: [contextId, memberPublicKey] };
  },
};

export const contextInvite: Command = {
  name: "context invite",
  args: ["CONTEXT", "IDENTITY"],
  summary: "make an invitation for an identity of another node",
  options: {
    as: { type: "string", value: "IDENTITY", help: "your identity that invites (default: your first in the context)" },
    role: { type: "string", value: "ROLE", help: "admin, writer or reader (default: writer)" },
    days: { type: "string", value: "DAYS", help: "how long it is good for (default: 7)" },
  },
  async run({ args, option, client }) {
    const days = option("days");
    const validForMs = days === undefined ? undefined : Math.round(Number(days) * 86_400_000);
    if (Number.isNaN(validForMs)) throw new CommandFailure("USAGE", "--days must be a number");
    const request = { contextId: valueAt(args, 0), inviteeId: valueAt(args, 1), inviterId: option("as") };
    const body = { ...request, role: option("role"), validForMs };
    const payload = unwrap(await (await client()).post("/admin-api/contexts/invite", body));
    if (typeof payload !== "string") throw new CommandFailure("INTERNAL", "the node gave no invitation");
    return { json: { invitationPayload: payload }, lines: [payload] };
  },
};

export const contextJoin: Command = {
  name: "context join",
  args: ["INVITATION"],
  summary: "join a context; returns once its state has arrived",
  options: {},
  async run({ args, client }) {
    const joined = await (await client()).post("/admin-api/contexts/join", { invitationPayload: valueAt(args, 0) });
    const contextId = textField(joined, "contextId");
    const memberPublicKey = textField(joined, "memberPublicKey");
    return { json: { contextId, memberPublicKey }, lines: [contextId, memberPublicKey] };
  },
};

export const contextList: Command = {
  name: "context list",
  args: [],
  summary: "the contexts of the node, with root hash, heads and deltas",
  options: {},
  async run({ client }) {
    const contexts = listOf(fieldOf(unwrap(await (await client()).get("/admin-api/contexts")), "contexts"));
    return { json: contexts, lines: contexts.length === 0 ? ["no contexts"] : contexts.map(contextLine) };
  },
};

export const identityCreate: Command = {
  name: "identity create",
  args: [],
  summary: "draw an identity that can be invited",
  options: {},
  async run({ client }) {
    const publicKey = textField(await (await client()).post("/admin-api/identity/context"), "publicKey");
    return { json: { publicKey }, lines: [publicKey] };
  },
};

function contextLine(context: Json): string {
  const heads = listOf(fieldOf(context, "heads")).length;
  const counts = `deltas ${fieldOf(context, "deltas")}, heads ${heads}, pending ${fieldOf(context, "pending")}`;
  return `${fieldOf(context, "id")}  root ${fieldOf(context, "rootHash")}  ${counts}`;
}
