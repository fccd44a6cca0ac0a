/** `dunlin context` and `dunlin identity`: who shares what. */
import type { Json } from "@dunlin/api";
import { textToId } from "@dunlin/core/base";
import type { Command, Outcome } from "../command.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { fieldOf, listOf, textField, valueAt } from "../fields.ts";
import { installFile } from "./app.ts";

export const contextCreate: Command = {
  name: "context create",
  args: ["APPLICATION_ID"],
  summary: "create a context of an installed application; its id, then your identity in it",
  options: {
    params: { type: "string", value: "JSON", help: "arguments for the application's init, which is called then" },
    service: {
      type: "string",
      value: "NAME",
      help: "of a bundle of several services, the one to run (default: the first)",
    },
  },
  async run({ args, option, client }) {
    const params = option("params");
    const initializationParams = params === undefined ? undefined : [...new TextEncoder().encode(params)];
    const target = { applicationId: valueAt(args, 0), serviceName: option("service") };
    const body = { ...target, ...(initializationParams && { initializationParams }) };
    const created = await (await client()).post("/admin-api/contexts", body);
    const contextId = textField(created, "contextId");
    const memberPublicKey = textField(created, "memberPublicKey");
    return { json: { contextId, memberPublicKey }, lines: [contextId, memberPublicKey] };
  },
};

export const contextInvite: Command = {
  name: "context invite",
  args: ["CONTEXT", "[IDENTITY]"],
  summary: "make an invitation for an identity of another node, or for whoever has it",
  options: {
    as: { type: "string", value: "IDENTITY", help: "your identity that invites (default: your first in the context)" },
    open: { type: "boolean", help: "for whoever has its text: hand it over like a password" },
    uses: { type: "string", value: "N", help: "how many may join by an open one (default: 1)" },
    redeemer: {
      type: "string",
      value: "IDENTITY",
      help: "the admin whose node lets in, which must be connected now (default: this node)",
    },
    role: { type: "string", value: "ROLE", help: "admin, writer or reader (default: writer)" },
    days: { type: "string", value: "DAYS", help: "how long it is good for (default: 7)" },
  },
  async run({ args, option, flag, client }) {
    const days = option("days");
    const validForMs = days === undefined ? undefined : Math.round(Number(days) * 86_400_000);
    if (Number.isNaN(validForMs)) throw new CommandFailure("USAGE", "--days must be a number");
    const uses = option("uses") === undefined ? undefined : Number(option("uses"));
    if (Number.isNaN(uses)) throw new CommandFailure("USAGE", "--uses must be a number");
    const inviteeId = args[1];
    if (flag("open") === (inviteeId !== undefined))
      throw new CommandFailure("USAGE", "name the IDENTITY that is invited, or say --open");
    const request = { contextId: valueAt(args, 0), inviteeId, inviterId: option("as"), redeemerId: option("redeemer") };
    const body = { ...request, uses, role: option("role"), validForMs };
    const payload = unwrap(await (await client()).post("/admin-api/contexts/invite", body));
    if (typeof payload !== "string") throw new CommandFailure("INTERNAL", "the node gave no invitation");
    return { json: { invitationPayload: payload }, lines: [payload] };
  },
};

export const contextUpgrade: Command = {
  name: "context upgrade",
  args: ["CONTEXT", "APPLICATION"],
  summary: "have a context run another application, its state kept: an id, or a file that is installed first",
  options: {
    "dry-run": { type: "boolean", help: "change nothing, and say what a migration of the application would change" },
  },
  async run({ args, client, flag }) {
    const [contextId, application] = [valueAt(args, 0), valueAt(args, 1)];
    const node = await client();
    const applicationId = textToId(application) ? application : await installFile(node, application);
    const path = `/admin-api/contexts/${encodeURIComponent(contextId)}/application`;
    if (flag("dry-run")) return foreseen(unwrap(await node.post(path, { applicationId, dryRun: true })));
    const upgraded = unwrap(await node.post(path, { applicationId }));
    const migrated = fieldOf(upgraded, "migrated") === true;
    const rest = "other members' nodes refuse its calls until it is installed there too";
    const what = migrated ? "its state was migrated; " : "";
    return {
      json: { contextId, applicationId, migrated },
      lines: [`the context runs ${applicationId} now; ${what}${rest}`],
    };
  },
};

/** What an upgrade would do, one changed place a line. */
function foreseen(outcome: Json): Outcome {
  const changes = listOf(fieldOf(outcome, "differences")).map((difference) => {
    const [path, before, after] = ["path", "before", "after"].map((name) => fieldOf(difference, name));
    return `${path}: ${before} -> ${after}`;
  });
  const migrates = fieldOf(outcome, "migrated") === true;
  const nothing = migrates ? "the migration would change nothing" : "no migration would run";
  return { json: outcome, lines: changes.length > 0 ? changes : [nothing] };
}

export const contextMembers: Command = {
  name: "context members",
  args: ["CONTEXT"],
  summary: "the members of a context with their roles",
  options: {},
  async run({ args, client }) {
    const context = unwrap(await (await client()).get(`/admin-api/contexts/${encodeURIComponent(valueAt(args, 0))}`));
    const members = listOf(fieldOf(context, "members"));
    const lines = members.map((member) => `${fieldOf(member, "publicKey")}  ${fieldOf(member, "role")}`);
    return { json: members, lines };
  },
};

export const contextRole: Command = {
  name: "context role",
  args: ["CONTEXT", "IDENTITY", "ROLE"],
  summary: "give a member another role: admin, writer or reader",
  options: {},
  async run({ args, client }) {
    const body = { contextId: valueAt(args, 0), memberId: valueAt(args, 1), role: valueAt(args, 2) };
    await (await client()).post("/admin-api/contexts/role", body);
    return { json: body, lines: [`${body.memberId} is ${body.role} now`] };
  },
};

export const contextRemove: Command = {
  name: "context remove",
  args: ["CONTEXT", "IDENTITY"],
  summary: "take a member out of a context: it reads nothing that is written from then on",
  options: {},
  async run({ args, client }) {
    const body = { contextId: valueAt(args, 0), memberId: valueAt(args, 1) };
    await (await client()).post("/admin-api/contexts/remove-member", body);
    return { json: body, lines: [`${body.memberId} is removed`] };
  },
};

export const contextJoin: Command = {
  name: "context join",
  args: ["INVITATION"],
  summary: "join a context; returns once its state has arrived",
  options: {
    as: {
      type: "string",
      value: "IDENTITY",
      help: "your identity that joins by an open invitation (default: a new one)",
    },
  },
  async run({ args, option, client }) {
    const body = { invitationPayload: valueAt(args, 0), memberId: option("as") };
    const joined = await (await client()).post("/admin-api/contexts/join", body);
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
