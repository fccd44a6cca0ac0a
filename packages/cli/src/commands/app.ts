/** `dunlin app`: applications on a node. */
import { resolve } from "node:path";
import { type Json, typedClientSource } from "@dunlin/api";
import { textToId } from "@dunlin/core/base";
import type { ApiClient } from "../api-client.ts";
import type { Command } from "../command.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { fieldOf, textField, valueAt } from "../fields.ts";

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

export const appClient: Command = {
  name: "app client",
  args: ["APPLICATION"],
  summary: "print TypeScript that calls an application by its methods: an id, or a file that is installed first",
  options: {},
  async run({ args, client }) {
    const application = valueAt(args, 0);
    const node = await client();
    const id = textToId(application) ? application : await installFile(node, application);
    const answer: Json = unwrap(await node.get(`/admin-api/applications/${encodeURIComponent(id)}`));
    const found = fieldOf(answer, "application");
    const name = fieldOf(found, "name");
    if (typeof name !== "string")
      throw new CommandFailure("APPLICATION_NOT_FOUND", `application ${id} is not installed`);
    const source = typedClientSource(name, fieldOf(found, "abi"));
    return { json: { source }, lines: source.trimEnd().split("\n") };
  },
};
