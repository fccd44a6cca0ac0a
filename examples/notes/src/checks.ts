/** What must hold at the end: all that was acknowledged is on every node, and the nodes and their stores agree. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { AuditAnswer, AuditTask } from "./audit.ts";
import { CallLine } from "./call-line.ts";
import type { Cluster, Member } from "./cluster.ts";
import type { DocumentPlan } from "./documents.ts";
import type { Ledger, NodeName } from "./ledger.ts";
import { KEY_CALLS_IN_FLIGHT } from "./limits.ts";

const AUDIT = fileURLToPath(new URL("./audit.js", import.meta.url));

/** What one node and its store say. */
export interface NodeCheck {
  readonly node: NodeName;
  /** As the node tells it. */
  readonly root: string;
  readonly heads: readonly string[];
  /** As the separate reader derives it from the store. */
  readonly auditedRoot: string | undefined;
  readonly deltas: number;
  /** Acknowledged writes that are here: their delta in the store and, for a key, the value as it was set. */
  readonly found: number;
  /** Documents whose text is as it must be, by the node and by the separate reader. */
  readonly equalDocuments: readonly string[];
  /** What is wrong, a line each; empty when all is well. */
  readonly faults: readonly string[];
}

export interface Expected {
  readonly contextId: string;
  /** Whom each node takes part as. */
  readonly identities: Readonly<Record<NodeName, string>>;
  readonly ledger: Ledger;
  readonly documents: readonly DocumentPlan[];
}

/** Looks everything up on every node, then reads the three stores, each in a process of its own. */
export async function checkAll(cluster: Cluster, expected: Expected): Promise<readonly NodeCheck[]> {
  const checks: NodeCheck[] = [];
  for (const member of cluster.all) checks.push(await checkNode(member, expected));
  const [first] = checks;
  return checks.map((check) => {
    const agrees = check.root === first?.root && check.heads.join() === first.heads.join();
    if (agrees) return check;
    return { ...check, faults: [...check.faults, `its root or heads are not those of node ${first?.node}`] };
  });
}

async function checkNode(member: Member, expected: Expected): Promise<NodeCheck> {
  const { contextId, identities, ledger, documents } = expected;
  const lookup = await lookUp(member, expected);
  const { rootHash, heads } = await member.api.context(contextId);
  const answer = await audit({
    home: member.process.home,
    member: identities[member.name],
    contextId,
    deltas: ledger.deltas(),
    documents: documents.map(({ name, endContent }) => ({ name, endContent })),
  });
  const faults = [...lookup.faults];
  if (!answer.ok) faults.push(`its store does not hold up: ${answer.why}`);
  else {
    if (answer.root !== rootHash) faults.push(`its store makes root ${answer.root}, the node says ${rootHash}`);
    if (answer.missing.length > 0) faults.push(`its store lacks ${answer.missing.length} acknowledged deltas`);
    for (const name of answer.wrong) faults.push(`the text of ${name} made from its store is not the recorded one`);
  }
  const missing = new Set(answer.ok ? answer.missing : ledger.deltas());
  const held = ledger.writes.filter(({ deltaId }) => !missing.has(deltaId)).length;
  return {
    node: member.name,
    root: rootHash,
    heads: [...heads].sort(),
    auditedRoot: answer.ok ? answer.root : undefined,
    deltas: answer.ok ? answer.deltas : 0,
    found: Math.max(0, held - lookup.wrongKeys),
    equalDocuments: lookup.equalDocuments.filter((name) => answer.ok && !answer.wrong.includes(name)),
    faults,
  };
}

interface Lookup {
  readonly wrongKeys: number;
  readonly equalDocuments: readonly string[];
  readonly faults: readonly string[];
}

/** Asks the node itself: every key, every count, every text. */
async function lookUp(member: Member, { contextId, ledger, documents }: Expected): Promise<Lookup> {
  const line = new CallLine(member.api, contextId, KEY_CALLS_IN_FLIGHT);
  const faults: string[] = [];
  const equalDocuments: string[] = [];
  let wrongKeys = 0;
  try {
    await Promise.all(
      [...ledger.values].map(async ([key, value]) => {
        await line.room();
        const { output } = await line.call("get", { key });
        if (output === value) return;
        wrongKeys++;
        faults.push(`key ${key} is ${JSON.stringify(output)}, not ${JSON.stringify(value)}`);
      }),
    );
    const tallies = (await line.call("tallies", {})).output as Readonly<Record<string, number>>;
    for (const [name, sum] of ledger.tallies) {
      if (tallies[name] !== sum) faults.push(`tally "${name}" is ${tallies[name]}, not ${sum}`);
    }
    for (const { name, endContent } of documents) {
      const { output } = await line.call("read", { document: name });
      if (output === endContent) equalDocuments.push(name);
      else faults.push(`the text of ${name} is not the recorded one: ${difference(String(output), endContent)}`);
    }
  } finally {
    line.close();
  }
  return { wrongKeys, equalDocuments, faults };
}

function difference(found: string, wanted: string): string {
  let at = 0;
  while (at < found.length && found[at] === wanted[at]) at++;
  return `${found.length} characters, not ${wanted.length}; they part at ${at}`;
}

function audit(task: AuditTask): Promise<AuditAnswer> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [AUDIT], { stdio: ["pipe", "pipe", "pipe"] });
    const parts = { out: [] as Buffer[], error: [] as Buffer[] };
    child.stdout.on("data", (part: Buffer) => parts.out.push(part));
    child.stderr.on("data", (part: Buffer) => parts.error.push(part));
    child.on("error", (error) => resolve({ ok: false, why: error.message }));
    child.on("close", (code) => {
      const error = Buffer.concat(parts.error).toString("utf8");
      const why = error.split("\n").find((line) => /^\w*Error|^\w+Failure/.test(line)) ?? `code ${code}`;
      resolve(code === 0 ? JSON.parse(Buffer.concat(parts.out).toString("utf8")) : { ok: false, why });
    });
    // A reader that ends early says why by its code.
    child.stdin.on("error", () => {});
    child.stdin.end(JSON.stringify(task));
  });
}
