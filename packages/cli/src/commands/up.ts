/** `dunlin up`: from nothing to a running application: home, node, application, context, and what to try. */
import { resolve } from "node:path";
import type { NodeService } from "@dunlin/api";
import type { Command } from "../command.ts";
import { unwrap } from "../failure.ts";
import { START_OPTIONS, type Started, startNode } from "../start.ts";

export const up: Command = {
  name: "up",
  args: ["[APP_PATH]"],
  summary: "make the home if needed, run the node, install an application, create a context, say what to try",
  options: START_OPTIONS,
  async run(call) {
    const { args, ports, json } = call;
    const stopped = ports.untilStopped();
    const node = await startNode(call, args[0]);
    try {
      const applicationId = args[0] === undefined ? undefined : await install(node.service, args[0]);
      const contextId = await firstContext(node.service, applicationId);
      const { url } = node.server;
      const page = node.hasPage ? `${url}/app/#token=${node.token}` : undefined;
      if (json) ports.out(JSON.stringify({ url, applicationId, contextId, page, pid: process.pid }));
      else for (const line of advice(node, { contextId, page, home: call.home })) ports.out(line);
      await stopped;
    } finally {
      await node[Symbol.asyncDispose]();
    }
    return undefined;
  },
};

async function install(service: NodeService, path: string): Promise<string> {
  return unwrap(await service.installApplication({ path: resolve(path) })).applicationId;
}

/** A context of the application that there is, or a new one. */
async function firstContext(service: NodeService, applicationId: string | undefined): Promise<string | undefined> {
  const contexts = await service.contexts();
  if (applicationId === undefined) return contexts[0]?.id;
  const found = contexts.find((context) => context.applicationId === applicationId);
  return found?.id ?? unwrap(await service.createContext({ applicationId })).contextId;
}

function advice(
  { server }: Started,
  { contextId, page, home }: { contextId: string | undefined; page: string | undefined; home: string },
): readonly string[] {
  const context = contextId ?? "CONTEXT";
  return [
    `api      ${server.url}`,
    `home     ${home}`,
    ...(page === undefined ? [] : [`page     ${page}`]),
    ...(contextId === undefined ? [] : [`context  ${contextId}`]),
    "",
    "try, in another terminal:",
    ...(contextId === undefined ? ["  dunlin up path/to/app.ts"] : []),
    "  dunlin status",
    `  dunlin watch ${context}`,
    `  dunlin call ${context} METHOD '{"name":"value"}'`,
    "  dunlin identity create        on another node; then here:",
    `  dunlin context invite ${context} IDENTITY`,
  ];
}
