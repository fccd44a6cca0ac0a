/** `dunlin app`: applications on a node. */
import { resolve } from "node:path";
import type { Command } from "../command.ts";
import { textField, valueAt } from "../fields.ts";

export const appInstall: Command = {
  name: "app install",
  args: ["PATH"],
  summary: "install an application: a TypeScript file, a built bundle, a .wasm or an .mpk",
  options: {},
  async run({ args, client }) {
    const path = resolve(valueAt(args, 0));
    const installed = await (await client()).post("/admin-api/install-dev-application", { path });
    const applicationId = textField(installed, "applicationId");
    return { json: { applicationId }, lines: [applicationId] };
  },
};
