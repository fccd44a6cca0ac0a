/**
 * The layers, as data, and one rule generated for each: `npm test` runs them, and `tools/layers.test.ts` plants
 * violations to prove that they bite. Imports go down only. Test files are free: they may look at anything.
 */

/** Layers of core, and what each may import besides itself. `collections` and `sync` never see each other. */
const CORE_LAYERS = {
  base: [],
  platform: ["base"],
  metrics: ["base"],
  crypto: ["base"],
  simulation: ["base"],
  transport: ["base", "platform", "crypto"],
  blobs: ["base", "crypto"],
  crdt: ["base", "crypto"],
  dag: ["base", "crypto", "crdt"],
  access: ["base", "crypto", "crdt", "dag"],
  replica: ["base", "crypto", "crdt", "dag", "access", "metrics"],
  collections: ["base", "crypto", "crdt", "dag", "access", "replica", "metrics"],
  sync: ["base", "crypto", "blobs", "crdt", "dag", "access", "replica", "metrics"],
  database: [
    "base",
    "platform",
    "metrics",
    "transport",
    "crypto",
    "crdt",
    "dag",
    "access",
    "replica",
    "collections",
    "sync",
  ],
};

/** Packages and other workspace members by folder, and the folders that each may import besides itself. */
const MEMBERS = {
  "packages/core": [],
  "packages/store": ["packages/core"],
  "packages/network": ["packages/core"],
  "packages/runtime": ["packages/core"],
  "packages/sdk": ["packages/core", "packages/runtime", "packages/store"],
  "packages/api": ["packages/core"],
  "packages/client": ["packages/core", "packages/api"],
  "packages/relay": ["packages/core"],
  "packages/node": [
    "packages/core",
    "packages/store",
    "packages/network",
    "packages/runtime",
    "packages/sdk",
    "packages/api",
  ],
  "packages/server": ["packages/core", "packages/api", "packages/node"],
  "packages/cli": ["packages/core", "packages/runtime", "packages/api", "packages/node", "packages/server"],
  sim: ["packages/core", "packages/store", "packages/runtime", "packages/sdk"],
  bench: [
    "packages/client",
    "packages/core",
    "packages/store",
    "packages/network",
    "packages/runtime",
    "packages/sdk",
    "packages/api",
    "packages/node",
    "packages/server",
  ],
  "examples/notes": ["packages/core", "packages/store", "packages/sdk", "packages/api"],
  "examples/chat": ["packages/sdk"],
  "examples/kv-store": ["packages/sdk"],
  "examples/polls": ["packages/sdk", "packages/client"],
  "examples/projects": ["packages/sdk"],
  "examples/tasks": ["packages/sdk"],
  "examples/workspace": ["packages/sdk"],
  "examples/todo-web": ["packages/core", "packages/store"],
  "examples/editor-web": ["packages/core", "packages/store"],
};

/** Who may see the sync engine: whoever joins it to a network, real or simulated. */
const SYNC_USERS = ["packages/core", "packages/node", "packages/sdk/src/testing", "sim", "bench"];

/** What a workspace import resolves to: the source itself, or its symbolic link, or what is built of it. */
const insideOf = (folder) => `^${folder}/`;
const anyOf = (folders) => folders.map(insideOf).join("|");
const TESTS = "\\.(test|suite|fixture)\\.(ts|mjs)$";

const layerRules = Object.entries(CORE_LAYERS).map(([layer, below]) => ({
  name: `core-layer-${layer}`,
  comment: `core/${layer} may import ${below.length > 0 ? below.join(", ") : "nothing above it"}`,
  severity: "error",
  from: { path: `^packages/core/src/${layer}/`, pathNot: TESTS },
  to: {
    path: "^packages/core/src/",
    pathNot: [layer, ...below].map((name) => `^packages/core/src/${name}/`).join("|"),
  },
}));

const memberRules = Object.entries(MEMBERS).map(([member, below]) => ({
  name: `member-${member.replace("/", "-")}`,
  comment: `${member} may import ${below.length > 0 ? below.join(", ") : "no other workspace member"}`,
  severity: "error",
  from: { path: insideOf(member), pathNot: TESTS },
  to: { path: "^(packages|sim|bench|examples|tools|tests)/", pathNot: anyOf([member, ...below]) },
}));

export default {
  forbidden: [
    ...layerRules,
    ...memberRules,
    {
      name: "unknown-layer",
      comment: "every folder of core is a layer of the table above",
      severity: "error",
      from: {
        path: "^packages/core/src/",
        pathNot: Object.keys(CORE_LAYERS).map((name) => `^packages/core/src/${name}/`),
      },
      to: {},
    },
    {
      name: "core-is-pure",
      comment: "core imports itself, @noble and the types of @standard-schema, nothing of Node and no other package",
      severity: "error",
      from: { path: "^packages/core/src/", pathNot: TESTS },
      to: { pathNot: ["^packages/core/src/", "(^|/)node_modules/@noble/", "(^|/)node_modules/@standard-schema/"] },
    },
    {
      name: "sync-and-network",
      comment: `core/sync is for ${SYNC_USERS.join(", ")}: only node joins it to the network`,
      severity: "error",
      from: { path: "^(packages|sim|bench|examples)/", pathNot: [anyOf(SYNC_USERS), TESTS] },
      to: { path: "^packages/core/src/sync/" },
    },
    {
      name: "network-beside-the-worker",
      comment: "the network's code takes longest to load: a node loads it with node.ts, while its worker loads its own",
      severity: "error",
      from: { path: "^packages/node/src/", pathNot: ["^packages/node/src/(node|open-node|peer-book)\\.ts$", TESTS] },
      to: {
        path: "^packages/(network/src/|node/src/(node|peer-book)\\.ts$)",
        dependencyTypesNot: ["type-only"],
      },
    },
    {
      name: "sdk-in-the-sandbox",
      comment: "what an application imports runs in the sandbox: only sdk/src/testing may import what runs it",
      severity: "error",
      from: { path: "^packages/sdk/src/", pathNot: ["^packages/sdk/src/testing/", TESTS] },
      to: { path: "^packages/", pathNot: "^packages/sdk/src/(?!testing/)" },
    },
    {
      name: "no-circular",
      comment: "files that import each other in a circle load in an order that nobody chose; circles of types are free",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-unresolvable",
      comment: "an import that does not resolve would pass every other rule unseen",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-undeclared-package",
      comment: "a package imports only what its own package.json lists",
      severity: "error",
      from: { path: "^(packages|sim|bench|examples)/", pathNot: TESTS },
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    doNotFollow: { path: "node_modules" },
    // Fixtures and templates of a package are applications, not its sources.
    exclude: { path: "(^|/)dist/|^bench/peers/|^packages/[^/]+/(fixtures|templates)/|\\.d\\.ts$" },
    enhancedResolveOptions: {
      // Without both, an import of a workspace package by its name is "unresolvable", and passes the layer rules.
      exportsFields: ["exports"],
      conditionNames: ["x-source", "import", "node", "default"],
      extensions: [".ts", ".js", ".mjs", ".json"],
    },
  },
};
