/** `dunlin app`: applications, from a new folder to a node. */
import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { type Json, typedClientSource } from "@dunlin/api";
import { ok, type Result, textToId } from "@dunlin/core/base";
import type { ApiClient } from "../api-client.ts";
import type { Command } from "../command.ts";
import { buildFile, isSource, writeArtefact } from "../dev/build.ts";
import { failureOf, reportLines } from "../dev/source-error.ts";
import { filesOf, TEMPLATES } from "../dev/templates.ts";
import { createTypeChecker } from "../dev/type-check.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { fieldOf, listOf, textField, valueAt } from "../fields.ts";
import { printable } from "../printable.ts";

/** What a package and an application may both be called. */
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

export const appNew: Command = {
  name: "app new",
  args: ["NAME"],
  summary: "write a new application into a folder of that name",
  options: {
    template: { type: "string", value: "NAME", help: `${Object.keys(TEMPLATES).join(" or ")} (default: kv)` },
  },
  async run({ args, option }) {
    const folder = resolve(valueAt(args, 0));
    const name = basename(folder);
    const template = option("template") ?? "kv";
    if (!Object.hasOwn(TEMPLATES, template)) {
      throw new CommandFailure("USAGE", `--template must be ${Object.keys(TEMPLATES).join(" or ")}`);
    }
    if (!NAME.test(name)) {
      throw new CommandFailure(
        "USAGE",
        "NAME must be small letters, digits and hyphens, 64 at most: it names a package",
      );
    }
    const files = await filesOf(template, name);
    await writeFolder(folder, files);
    const shown = valueAt(args, 0);
    const lines = [`${shown}: ${[...files.keys()].join(", ")}`, "", "next:", `  cd ${shown}`, "  dunlin dev app.ts"];
    return { json: { folder, template, files: [...files.keys()] }, lines };
  },
};

export const appBuild: Command = {
  name: "app build",
  args: ["APP_PATH"],
  summary: "check the types of an application and make its bundle, which others install",
  options: {
    out: { type: "string", value: "FILE", help: "where the bundle goes (default: beside the file, as .dunlin)" },
    release: { type: "boolean", help: "make the code small: what is given to others" },
  },
  async run({ args, option, flag, json, ports }) {
    const path = resolve(valueAt(args, 0));
    if (!isSource(path)) throw new CommandFailure("USAGE", "APP_PATH must be a .ts or .js file");
    const built = await buildFile(path, await createTypeChecker(), { minify: flag("release") });
    if (!built.ok) {
      if (!json) for (const line of reportLines(built.errors)) ports.err(printable(line));
      throw failureOf(built.errors);
    }
    const { artefact } = built;
    const out = resolve(option("out") ?? join(dirname(path), `${basename(path, extname(path))}.dunlin`));
    await writeArtefact(out, artefact);
    const { applicationId, name, version, bytes, abi } = artefact;
    const methods = abi?.methods.map((method) => method.name) ?? [];
    const told = { applicationId, name, version, bytes: bytes.length, methods, path: out };
    return {
      json: told,
      lines: [
        `${name} ${version}`,
        `  id       ${applicationId}`,
        `  bundle   ${out} (${bytes.length} bytes)`,
        `  methods  ${methods.join(" ")}`,
      ],
    };
  },
};

export const appInstall: Command = {
  name: "app install",
  args: ["PATH"],
  summary: "install an application: a TypeScript file, a built bundle, a .wasm or an .mpk",
  options: {},
  async run({ args, client }) {
    const installed = await install(await client(), valueAt(args, 0));
    const services = listOf(fieldOf(unwrap(installed), "services")).map((one) => ok(one));
    const further = services.map((one) => `${textField(one, "name")} ${textField(one, "applicationId")}`);
    return { json: unwrap(installed), lines: [textField(installed, "applicationId"), ...further] };
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

/** The application's id. */
export async function installFile(node: ApiClient, path: string): Promise<string> {
  return textField(await install(node, path), "applicationId");
}

function install(node: ApiClient, path: string): Promise<Result<Json>> {
  return node.post("/admin-api/install-dev-application", { path: resolve(path) });
}

/** Refuses a folder that is there, whatever is in it. */
async function writeFolder(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  try {
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(folder);
    for (const [name, text] of files) await writeFile(join(folder, name), text, { flag: "wx" });
  } catch (cause) {
    const isThere = cause instanceof Error && "code" in cause && cause.code === "EEXIST";
    const why = isThere ? "is there already: name another" : `cannot be written: ${String(cause)}`;
    throw new CommandFailure("USAGE", `${folder} ${why}`, { cause });
  }
}
