/**
 * House rules over the tree as a whole: text that must not be in it, links of the documentation, export maps.
 * They take what they look at as data, so that a test can plant violations.
 */
import { posix } from "node:path";
import type { Finding, SourceFile } from "./source-rules.ts";

/** Built from parts, so that this file does not trip over itself. */
const MACHINE_PATHS = ["work", "root", "home/[a-z]", "Users/[a-z]", "tmp/[a-z]+_"].map((part) => `/${part}`);
const MACHINE_PATH = new RegExp(`(?<![\\w.~:/@-])(${MACHINE_PATHS.join("|")})[/\\w-]`, "i");
const RESOLVED = /"resolved": *"https?:/;

/** Machine paths and download addresses: neither means anything to another reader. */
export function checkText(file: SourceFile): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [index, line] of file.text.split("\n").entries()) {
    const at = { path: file.path, line: index + 1 };
    const machine = MACHINE_PATH.exec(line);
    if (machine) findings.push({ ...at, rule: "machine-path", message: `${machine[0]}: a path of one machine` });
    if (RESOLVED.test(line)) {
      findings.push({
        ...at,
        rule: "registry",
        message: "a download address in the lock: npm install with .npmrc in place",
      });
    }
  }
  return findings;
}

/** Every relative link of a Markdown file names a file that exists, and a heading that it has. */
export function checkLinks(file: SourceFile, textByPath: ReadonlyMap<string, string | null>): readonly Finding[] {
  const findings: Finding[] = [];
  let fenced = false;
  for (const [index, line] of file.text.split("\n").entries()) {
    if (line.startsWith("```")) fenced = !fenced;
    if (fenced) continue;
    for (const found of line.replace(/`[^`]*`/g, "").matchAll(/\]\(([^)\s]+)\)/g)) {
      const message = brokenLink(file.path, found[1] as string, textByPath);
      if (message !== null) findings.push({ path: file.path, line: index + 1, rule: "link", message });
    }
  }
  return findings;
}

function brokenLink(from: string, link: string, textByPath: ReadonlyMap<string, string | null>): string | null {
  if (/^[a-z]+:/.test(link)) return null;
  const [target = "", anchor] = link.split("#");
  const path = target === "" ? from : posix.join(posix.dirname(from), target).replace(/\/$/, "");
  const isFolder = [...textByPath.keys()].some((other) => other.startsWith(`${path}/`));
  if (!textByPath.has(path) && !isFolder) return `${link}: no such file`;
  const text = textByPath.get(path);
  if (anchor === undefined || text === undefined || text === null) return null;
  return anchorsOf(text).has(anchor) ? null : `${link}: no such heading`;
}

/** The anchors that a Markdown viewer gives to the headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = text.split("\n").filter((line) => /^#{1,6} /.test(line));
  return new Set(
    headings.map((line) =>
      line
        .replace(/^#+ /, "")
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}

interface Manifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly bin?: Readonly<Record<string, string>>;
}

/** Export maps agree with the files: each source exists, and types and default are what the build makes of it. */
export function checkExports(file: SourceFile, exists: (path: string) => boolean): readonly Finding[] {
  const manifest = JSON.parse(file.text) as Manifest;
  const folder = posix.dirname(file.path);
  const findings: Finding[] = [];
  const report = (message: string): void => {
    findings.push({ path: file.path, line: 1, rule: "exports", message });
  };
  for (const [subpath, entry] of Object.entries(manifest.exports ?? {})) {
    const source = entry["x-source"] ?? "";
    if (source === "" || Object.keys(entry)[0] !== "x-source") {
      report(`${subpath}: "x-source" comes first`);
      continue;
    }
    if (!exists(posix.join(folder, source))) report(`${subpath}: ${source} does not exist`);
    const built = source.replace("./src/", "./dist/").replace(/\.ts$/, "");
    if (entry["types"] !== `${built}.d.ts`) report(`${subpath}: types is not ${built}.d.ts`);
    if (entry["default"] !== `${built}.js`) report(`${subpath}: default is not ${built}.js`);
  }
  for (const [name, path] of Object.entries(manifest.bin ?? {})) {
    if (!exists(posix.join(folder, path))) report(`bin ${name}: ${path} does not exist`);
  }
  return findings;
}
