/**
 * House rules over one TypeScript file, read from its syntax tree: text in comments and strings never trips them.
 * Each rule is a function from a file to findings, and each finding names what to write instead.
 */
import ts from "typescript";

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

/** Lines of a source file. A file that needs more is waived by name, with its reason; the list may only shrink. */
export const FILE_LINES_MAX = 400;

/** Files that may be longer than `FILE_LINES_MAX`, and why. `tidy.test.ts` fails on one that no longer needs it. */
export const LONG_FILES: Readonly<Record<string, string>> = {};

/** Globals that core must not touch, and what stands in their place. */
const BANNED_GLOBALS: Readonly<Record<string, string>> = {
  Date: "the Clock port",
  performance: "the Clock port",
  setTimeout: "the Scheduler port",
  setInterval: "the Scheduler port",
  setImmediate: "the Scheduler port",
  clearTimeout: "the Scheduler port",
  clearInterval: "the Scheduler port",
  queueMicrotask: "the Scheduler port",
  crypto: "the Random and Signer ports, or core/crypto",
  fetch: "the Transport port",
  WebSocket: "the Transport port",
  console: "the Log port",
  process: "a port, passed in",
  Buffer: "Uint8Array and base/bytes.ts",
  globalThis: "a port, passed in",
  window: "a port, passed in",
  navigator: "a port, passed in",
  localStorage: "the KeyValueStore port",
  indexedDB: "the KeyValueStore port",
  require: "an import",
  eval: "nothing: core runs no text",
  Function: "nothing: core runs no text",
};

/** Core asks Node for its crypto through this one call, which browsers lack; nothing else of the platform. */
const PLATFORM_LINE = { folder: "packages/core/src/crypto/", call: "getBuiltinModule" };

/** Gives databases without a node their default ports: the one folder of core that may touch the globals above. */
const DEFAULT_PORTS = "packages/core/src/platform/";

/** Layers whose steps are synchronous. */
const SYNCHRONOUS = ["packages/core/src/crdt/", "packages/core/src/dag/", "packages/core/src/sync/"];

const isTest = (path: string): boolean => /\.(test|suite)\.ts$/.test(path);
const isCore = (path: string): boolean => path.startsWith("packages/core/src/") && !isTest(path);

/** All findings of one file. */
export function checkSource(file: SourceFile): readonly Finding[] {
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2023, true);
  const findings: Finding[] = [];
  const report = (position: number, rule: string, message: string): void => {
    findings.push({ path: file.path, line: tree.getLineAndCharacterOfPosition(position).line + 1, rule, message });
  };
  checkLength(file, report);
  const comments = commentsOf(tree);
  checkSuppressions(file, comments, report);
  checkMarkers(comments, report);
  checkImports(file, tree, report);
  if (isTest(file.path)) checkTests(tree, report);
  if (isCore(file.path)) {
    checkHeader(file, report);
    if (!file.path.startsWith(DEFAULT_PORTS)) checkGlobals(file, tree, report);
    // What tests share may wait: the package does not hold it.
    const isSynchronous =
      SYNCHRONOUS.some((folder) => file.path.startsWith(folder)) && !file.path.endsWith("/testing.ts");
    if (isSynchronous) checkSynchronous(tree, report);
  }
  return findings;
}

type Report = (position: number, rule: string, message: string) => void;

export function countLines(text: string): number {
  return text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

function checkLength(file: SourceFile, report: Report): void {
  const lines = countLines(file.text);
  if (lines > FILE_LINES_MAX && LONG_FILES[file.path] === undefined) {
    report(0, "file-length", `${lines} lines: split it, the most is ${FILE_LINES_MAX}`);
  }
}

function checkSuppressions(file: SourceFile, comments: readonly Comment[], report: Report): void {
  for (const { text, position } of comments) {
    const found = /^\/\/ *(@ts-(?:ignore|nocheck|expect-error)|biome-ignore[^\n:]*)(:? *)(.*)/.exec(text);
    if (found === null) continue;
    const [, , separator = "", reason = ""] = found;
    if (isCore(file.path)) report(position, "suppression", "none in core: mend what it hides");
    else if (!separator.startsWith(":") || reason.length < 8) {
      report(position, "suppression", "write its reason: `// ...: why`");
    }
  }
}

function checkMarkers(comments: readonly Comment[], report: Report): void {
  for (const { text, position } of comments) {
    for (const found of text.matchAll(/\b(TODO|FIXME|XXX|HACK)\b(\(#\d+\))?/g)) {
      if (found[1] !== "TODO" || found[2] === undefined) {
        report(position + found.index, "marker", `${found[1]}: name the issue, as in ${"TODO"}(#12), or do it now`);
      }
    }
  }
}

function checkHeader(file: SourceFile, report: Report): void {
  const bare = file.path.endsWith("/index.ts") || file.path.endsWith(".d.ts");
  if (!bare && !/^(\/\*\*|\/\/)/.test(file.text)) {
    report(0, "header", "open with a comment: what it is, the invariant it owns, what it refuses");
  }
}

function checkImports(file: SourceFile, tree: ts.SourceFile, report: Report): void {
  const member = /^(packages\/[^/]+|sim|bench|examples\/[^/]+)\//.exec(file.path)?.[1];
  for (const { specifier, position } of moduleSpecifiers(tree)) {
    if (isCore(file.path) && specifier.startsWith("node:"))
      report(position, "core-node", `${specifier}: a port, passed in`);
    if (!specifier.startsWith(".")) continue;
    const target = resolvePath(file.path, specifier);
    const leaves = member !== undefined && !target.startsWith(`${member}/`);
    const allowed = isTest(file.path) && target.startsWith("tools/");
    if (leaves && !allowed) report(position, "relative-import", `${specifier}: import the other package by its name`);
  }
}

function checkGlobals(file: SourceFile, tree: ts.SourceFile, report: Report): void {
  const declared = declaredNames(tree);
  const lines = file.text.split("\n");
  walk(tree, (node) => {
    if (ts.isPropertyAccessExpression(node) && node.getText(tree) === "Math.random") {
      report(node.getStart(tree), "global", "Math.random: the Random port, or a Prng that is passed in");
    }
    if (!ts.isIdentifier(node) || declared.has(node.text) || !isReference(node)) return;
    const instead = Object.hasOwn(BANNED_GLOBALS, node.text) ? BANNED_GLOBALS[node.text] : undefined;
    if (instead === undefined) return;
    const line = lines[tree.getLineAndCharacterOfPosition(node.getStart(tree)).line] ?? "";
    if (file.path.startsWith(PLATFORM_LINE.folder) && line.includes(PLATFORM_LINE.call)) return;
    report(node.getStart(tree), "global", `${node.text}: ${instead}`);
  });
}

function checkSynchronous(tree: ts.SourceFile, report: Report): void {
  walk(tree, (node) => {
    const waits = ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined);
    if (waits || node.kind === ts.SyntaxKind.AsyncKeyword) {
      report(node.getStart(tree), "await", "steps of this layer are synchronous: return an effect");
    }
  });
}

/** A test is skipped only from inside, by `context.skip("reason")`, so that the reason reaches the last line. */
function checkTests(tree: ts.SourceFile, report: Report): void {
  walk(tree, (node) => {
    if (!ts.isPropertyAccessExpression(node)) return;
    const [base, name] = [node.expression.getText(tree), node.name.text];
    if (!/^(it|test|describe|suite)\b/.test(base)) return;
    if (name === "only") report(node.getStart(tree), "only", "every test runs: take `.only` out");
    if (["skip", "skipIf", "runIf", "todo"].includes(name)) {
      report(node.getStart(tree), "skip", 'skip from inside: `context.skip("reason")`');
    }
  });
}

interface Comment {
  readonly text: string;
  readonly position: number;
}

/** Every comment, once, of a file in which some comment could matter: finding them means visiting each token. */
function commentsOf(tree: ts.SourceFile): readonly Comment[] {
  if (!/@ts-|biome-ignore|TODO|FIXME|XXX|HACK/.test(tree.text)) return [];
  const found = new Map<number, Comment>();
  walkTokens(tree, (node) => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(tree.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(tree.text, node.end) ?? []),
    ];
    for (const { pos, end } of ranges) found.set(pos, { text: tree.text.slice(pos, end), position: pos });
  });
  return [...found.values()];
}

function moduleSpecifiers(tree: ts.SourceFile): readonly { specifier: string; position: number }[] {
  const found: { specifier: string; position: number }[] = [];
  walk(tree, (node) => {
    const literal =
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier
        ? node.moduleSpecifier
        : ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword
          ? node.arguments[0]
          : undefined;
    if (literal !== undefined && ts.isStringLiteral(literal)) {
      found.push({ specifier: literal.text, position: literal.getStart(tree) });
    }
  });
  return found;
}

/** Names that the file gives a meaning of its own: a parameter called `crypto` is no global. */
function declaredNames(tree: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  walk(tree, (node) => {
    const named =
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node) ||
      ts.isImportSpecifier(node) ||
      ts.isImportClause(node) ||
      ts.isNamespaceImport(node);
    if (named && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
  });
  return names;
}

/** True for a name that is read, false for one that names a member: `x.fetch`, `{ fetch: 1 }`, `fetch(): void`. */
function isReference(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) {
    return (ts.isPropertyAccessExpression(parent) ? parent.expression : parent.left) === node;
  }
  const isName = "name" in parent && parent.name === node;
  return !isName || ts.isShorthandPropertyAssignment(parent);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

function walkTokens(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  for (const child of node.getChildren()) {
    if (!ts.isJSDoc(child)) walkTokens(child, visit);
  }
}

function resolvePath(from: string, specifier: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
