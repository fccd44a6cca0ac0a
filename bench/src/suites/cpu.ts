/**
 * What the processor does in two nodes under load, as shares of the time that it works: sampled in all threads, each
 * sample counted for whose code it fell in. Code of the engine itself counts for whoever called it.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inOwnProcess } from "../isolated.ts";
import { toRow } from "../row.ts";
import type { Suite } from "../suite.ts";

const SUITE = "cpu";

/** First match counts. */
const COMPONENTS: readonly (readonly [name: string, url: RegExp, note: string])[] = [
  ["applications and their sandbox", /^wasm:|packages\/(runtime|sdk)\//, "WASM, the guide has 60 %"],
  ["signatures and hashes", /core\/dist\/crypto\/|node:internal\/crypto/, "not told of in the guide"],
  [
    "network",
    /packages\/network\/|libp2p|chainsafe|multiformats|it-|node:(net|internal\/(stream|streams|net))/,
    "10 %",
  ],
  ["replicated types and their encoding", /core\/dist\/(crdt|collections|base)\//, "serialization, 15 %"],
  ["the graph of deltas, sync and commit", /core\/dist\/(dag|replica|sync|access)\//, "DAG operations, 10 %"],
  ["store", /packages\/store\/|node_modules\/lmdb/, "not told of in the guide"],
];
const OTHER = ["garbage, threads, timers and the rest", "5 %"] as const;

interface Profile {
  readonly startTime: number;
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

export const cpu: Suite = {
  name: SUITE,
  about: "shares of the processor's time in two nodes under load",
  run({ isQuick }) {
    const folder = mkdtempSync(join(tmpdir(), "dunlin-cpu-"));
    try {
      const profiling = ["--cpu-prof", `--cpu-prof-dir=${folder}/profiles`];
      const { callsPerSecond, beginUs, endUs } = inOwnProcess("serve", 1, `${folder},${isQuick ? 2 : 6}`, profiling);
      const usByComponent = new Map<string, number>();
      for (const name of readdirSync(join(folder, "profiles"))) {
        const profile = JSON.parse(readFileSync(join(folder, "profiles", name), "utf8")) as Profile;
        add(usByComponent, profile, [beginUs?.[0] ?? 0, endUs?.[0] ?? 0]);
      }
      const total = [...usByComponent.values()].reduce((sum, us) => sum + us, 0);
      const share = (name: string): number => (100 * (usByComponent.get(name) ?? 0)) / total;
      const note = `at ${Math.round(callsPerSecond?.[0] ?? 0)} calls per second, profiled; the guide:`;
      return [...COMPONENTS.map(([name, , guide]) => [name, guide] as const), OTHER].map(([name, guide]) =>
        toRow({ suite: SUITE, name, value: share(name), unit: "%", note: `${note} ${guide}` }),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

/** What falls into the time, which leaves out the start of the nodes. */
function add(
  usByComponent: Map<string, number>,
  { startTime, nodes, samples, timeDeltas }: Profile,
  [beginUs, endUs]: readonly [number, number],
): void {
  const componentById = new Map<number, string | undefined>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (node: ProfileNode, caller: string): void => {
    const own = componentOf(node.callFrame, caller);
    componentById.set(node.id, own);
    for (const id of node.children ?? []) {
      const child = byId.get(id);
      if (child) visit(child, own ?? caller);
    }
  };
  const [root] = nodes;
  if (root) visit(root, OTHER[0]);
  let nowUs = startTime;
  for (const [at, id] of samples.entries()) {
    const us = timeDeltas[at] ?? 0;
    nowUs += us;
    const component = componentById.get(id);
    if (!component || nowUs < beginUs || nowUs > endUs) continue;
    usByComponent.set(component, (usByComponent.get(component) ?? 0) + us);
  }
}

/** Undefined for a processor that waits. */
function componentOf({ functionName, url }: ProfileNode["callFrame"], caller: string): string | undefined {
  if (functionName === "(idle)") return undefined;
  if (url === "") return caller;
  return COMPONENTS.find(([, pattern]) => pattern.test(url))?.[0] ?? (url.startsWith("node:") ? caller : OTHER[0]);
}
