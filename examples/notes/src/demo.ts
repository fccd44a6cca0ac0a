/**
 * The demonstration behind `npm start`: three nodes, real editing histories, a kill, and an account.
 *
 * Invariant: whichever way it ends, no process that it started is left behind.
 */
import { rm, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { checkAll, type NodeCheck } from "./checks.ts";
import { Cluster } from "./cluster.ts";
import { planWork, type Work } from "./documents.ts";
import { DemoFailure, EXIT } from "./failure.ts";
import { prepareFolder } from "./folder.ts";
import { Ledger, type NodeName } from "./ledger.ts";
import { type Options, readOptions, USAGE } from "./options.ts";
import { Play } from "./play.ts";
import { createProgress } from "./progress.ts";
import { documentRow, number, type Row, tableLines } from "./table.ts";

const DUNLIN = fileURLToPath(new URL("../../../packages/cli/bin/dunlin.js", import.meta.url));

/** Ends the demonstration early: a signal, or a node that ended by itself. */
interface Interruption {
  readonly happened: Promise<never>;
  fail(failure: DemoFailure): void;
}

const progress = createProgress(process.stdout);
process.exitCode = await main().catch((thrown: unknown) => {
  const isExpected = thrown instanceof DemoFailure;
  if (isExpected && thrown.exit === EXIT.interrupted) progress.say(`Stopped: ${thrown.message}`);
  else
    progress.say(
      isExpected ? `FAILED: ${thrown.message}` : `FAILED: ${thrown instanceof Error ? thrown.stack : thrown}`,
    );
  return isExpected ? thrown.exit : EXIT.unequal;
});
// The channel to a parent that waits for us must not keep us.
if (process.connected) process.disconnect();

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2), process.env);
  if (options.help) {
    progress.say(USAGE);
    return EXIT.equal;
  }
  const interruption = listen();
  const work = planWork(options.traces);
  describe(work);
  const folder = await prepareFolder(options.keep);
  let cluster: Cluster | undefined;
  let isEvidence = false;
  try {
    cluster = await Cluster.prepare(folder, options.port, (node, why) =>
      interruption.fail(new DemoFailure(EXIT.unequal, `node ${node.name} ${why}: its log is ${node.log}`)),
    );
    const playing = play(cluster, work, options);
    // Its own end no longer matters once something else has ended the demonstration.
    playing.catch(() => {});
    const code = await Promise.race([playing, interruption.happened]);
    if (code === EXIT.equal && !options.once) await interruption.happened;
    return code;
  } catch (thrown) {
    isEvidence = !(thrown instanceof DemoFailure) || thrown.exit === EXIT.unequal;
    throw thrown;
  } finally {
    await cluster?.stop();
    if (options.keep === undefined && !isEvidence) await rm(folder, { recursive: true, force: true });
    else progress.say(`The nodes' folders are kept in ${folder}`);
  }
}

function listen(): Interruption {
  let fail: (failure: DemoFailure) => void = () => {};
  const happened = new Promise<never>((_, reject) => {
    fail = reject;
  });
  happened.catch(() => {});
  const interrupt = (): void => fail(new DemoFailure(EXIT.interrupted, "interrupted, and every node has ended"));
  // Not once: a signal that comes twice, from a terminal and from a parent, must not cut the stopping short.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
  process.once("disconnect", interrupt);
  process.channel?.unref();
  return { happened, fail };
}

async function play(cluster: Cluster, work: Work, options: Options): Promise<number> {
  const ledger = new Ledger();
  await cluster.start();
  await introduce(cluster);
  const { contextId, identities } = await cluster.share(ledger);
  progress.say(`\nThe notes application runs in context ${contextId}`);
  for (const [name, identity] of Object.entries(identities)) progress.say(`  ${name} takes part as ${identity}`);
  progress.say("\nReplaying, with a page to watch at:");
  for (const { name, api } of cluster.all) progress.say(`  ${name}  ${api.url}/app/#token=${api.token}`);
  progress.say("");

  const run = new Play(cluster, work, { contextId, ledger, progress });
  await run.run();
  progress.say("  looking everything up on every node, and reading the three stores");
  const documents = work.documents.flat();
  const checks = await checkAll(cluster, { contextId, identities, ledger, documents });
  const rows = account(cluster, { run, ledger, checks });
  progress.say("");
  for (const line of tableLines(rows)) progress.say(line);
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
  const faults = checks.flatMap((check) => check.faults.map((fault) => `node ${check.node}: ${fault}`));
  progress.say("");
  for (const fault of faults.slice(0, 20)) progress.say(`NOT EQUAL: ${fault}`);
  if (faults.length > 0) throw new DemoFailure(EXIT.unequal, `${faults.length} of the checks above do not hold`);
  progress.say(
    `ALL EQUAL: ${number(ledger.writes.length)} acknowledged writes on every node, ${documents.length} documents, one root.`,
  );
  if (!options.once) invite(cluster, contextId);
  return EXIT.equal;
}

function describe({ folder, documents, leftOut }: Work): void {
  progress.say(`Recorded histories from ${relative(process.cwd(), folder) || "."}:`);
  documents.forEach((plans, index) => {
    for (const { name, kind, edits, calls } of plans) {
      progress.say(
        `  ${"AB"[index]} replays ${name}: ${kind}, ${number(edits)} edits in ${number(calls.length)} calls`,
      );
    }
  });
  if (leftOut.length > 0) progress.say(`  left out: ${leftOut.join(", ")}`);
}

async function introduce(cluster: Cluster): Promise<void> {
  progress.say("\nThree nodes, each a process with its own folder, key and store:");
  for (const { name, process: node, api } of cluster.all) {
    const { peerId, addresses } = await api.status();
    progress.say(`  ${name}  pid ${node.pid}  key ${peerId}`);
    progress.say(`     folder ${node.home}`);
    progress.say(`     api ${api.url}  peers ${addresses.map((address) => address.split("/p2p/")[0]).join(" ")}`);
  }
}

function account(
  cluster: Cluster,
  { run, ledger, checks }: { run: Play; ledger: Ledger; checks: readonly NodeCheck[] },
): Row[] {
  const nodes = checks.map(({ node, root, auditedRoot, deltas, found }) => {
    const lag = ledger.lagOf(node);
    return {
      kind: "node" as const,
      node,
      edits: run.replays.filter((replay) => replay.node === node).reduce((sum, { editsDone }) => sum + editsDone, 0),
      calls: ledger.writesOf(node).length,
      callsPerSecond: Math.round(ledger.rateOf(node) * 10) / 10,
      toOthersP50Ms: Math.round(lag.p50Ms * 100) / 100,
      toOthersP99Ms: Math.round(lag.p99Ms * 100) / 100,
      toOthersSamples: lag.samples,
      toOthersHeldUp: lag.heldUp,
      bytesSent: cluster.members[node].bytesSent,
      found,
      acknowledged: ledger.writes.length,
      deltas,
      root,
      auditedRoot,
    };
  });
  return [...nodes, ...run.replays.map(({ plan, node }) => documentRow(plan, node, checks))];
}

/** What to try while it stays up. */
function invite(cluster: Cluster, contextId: string): void {
  const { A, B, C } = cluster.members;
  const dunlin = `node ${relative(process.cwd(), DUNLIN)}`;
  const command = (words: string, name: NodeName): string =>
    `  ${dunlin} ${words} --home ${cluster.members[name].process.home}`;
  progress.say("");
  progress.say(`The page, on any of the three: ${A.api.url}/app/#token=${A.api.token}`);
  for (const { api } of [B, C]) progress.say(`                               ${api.url}/app/#token=${api.token}`);
  progress.say("");
  progress.say("Try, in another terminal:");
  progress.say(command(`watch ${contextId}`, "C"));
  progress.say(command(`call ${contextId} tally '{"name":"visits","by":1}'`, "B"));
  progress.say(command("status", "A"));
  progress.say("");
  progress.say("It stays up until Ctrl-C.");
}
