/** `dunlin app`: applications on a node. */
import { resolve } from "node:path";
import type { ApiClient } from "../api-client.ts";
import type { Command } from "../command.ts";
import { textField, valueAt } from "../fields.ts";

/** The application's id. */
export async function installFile(node: ApiClient, path: string): Promise<string> {
  const installed = await node.post("/admin-api/install-dev-application", { path: resolve(path) });
  return textField(installed, "applicationId");
}

export const appInstall: Command = {
  name: "app install",
  args: ["PATH"],
  summary: "install an application: a TypeScript file, a built bundle, a .wasm or an .mpk",
  options: {},
  async run({ args, client }) {
    const applicationId = await installFile(await client(), valueAt(args, 0));
    return { json: { applicationId }, lines: [applicationId] };
  },
};
