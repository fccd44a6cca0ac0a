/** What `dunlin app new` writes: one file that is an application, its test, and what an editor wants beside them. */
import { readFile } from "node:fs/promises";

export interface Template {
  readonly summary: string;
  /** Calls to try, on a node each. */
  readonly tries: readonly string[];
}

/** Of the packages of this release, which come together. */
const VERSION = "0.1.0";

export const TEMPLATES: Readonly<Record<string, Template>> = {
  kv: {
    summary: "entries by key",
    tries: [`put '{"key":"greeting","value":"hello"}'`, `get '{"key":"greeting"}'`, "all"],
  },
  chat: {
    summary: "rooms with messages",
    tries: [`introduce '{"name":"Ann"}'`, `send '{"room":"lobby","text":"hello"}'`, `read '{"room":"lobby"}'`],
  },
};

/** The files of a new application, by name. */
export async function filesOf(template: string, name: string): Promise<ReadonlyMap<string, string>> {
  const read = (file: string) => readFile(new URL(`../../templates/${template}/${file}`, import.meta.url), "utf8");
  const [source, test] = await Promise.all([read("app.ts"), read("app.test.js")]);
  return new Map([
    ["app.ts", source.replace('"app-name"', JSON.stringify(name))],
    ["app.test.js", test],
    ["package.json", json(manifestOf(name))],
    ["tsconfig.json", json(TSCONFIG)],
    ["README.md", readmeOf(template, name)],
    [".gitignore", "node_modules/\n*.dunlin\n"],
  ]);
}

function manifestOf(name: string): object {
  return {
    name,
    version: "0.1.0",
    private: true,
    type: "module",
    scripts: { dev: "dunlin dev app.ts", build: "dunlin app build --release app.ts", test: "node --test" },
    dependencies: { "@dunlin/sdk": VERSION },
    devDependencies: { dunlin: VERSION },
  };
}

/** As the sandbox has it: the language and nothing else. */
const TSCONFIG = {
  compilerOptions: {
    target: "ES2023",
    lib: ["ES2023"],
    types: [],
    module: "ESNext",
    moduleResolution: "Bundler",
    noEmit: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    isolatedModules: true,
    skipLibCheck: true,
  },
  include: ["*.ts"],
};

function readmeOf(template: string, name: string): string {
  const { summary, tries } = TEMPLATES[template] as Template;
  return `# ${name}

An application of Dunlin: ${summary}. \`app.ts\` is all of it.

\`\`\`
dunlin dev app.ts
\`\`\`

checks the types, starts three nodes on this machine that share a context, and shows what happens in it. Save \`app.ts\`, and all three run the new version on the state that is there. It says how to call the nodes; with \`HOME_OF_A\` and \`CONTEXT\` as it prints them:

\`\`\`
${tries.map((line) => `dunlin call --home HOME_OF_A CONTEXT ${line}`).join("\n")}
\`\`\`

\`dunlin dev app.ts --profile\` adds where the time goes. \`dunlin app build --release app.ts\` makes the bundle that others install: \`dunlin app install app.dunlin\`.

Nothing has to be installed for that but \`dunlin\` itself. \`npm install\` is for the editor, which finds the types of \`@dunlin/sdk\` then, and for \`npm test\`: \`app.test.js\` runs the application on simulated nodes, with partitions and in virtual time.
`;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
