/** Real nodes of this process on loopback, and what the corpus does with contexts on them. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SYNC_PRESETS } from "@dunlin/api";
import { type Result, silentLog } from "@dunlin/core/base";
import { openNode } from "@dunlin/node";

export type Node = Awaited<ReturnType<typeof openNode>>;

const CONVERGE_MS = 60_000;
const LOOK_MS = 25;
const CALL_MS = 20_000;

export interface Nodes extends AsyncDisposable {
  readonly nodes: readonly Node[];
}

export async function openNodes(count: number): Promise<Nodes> {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-corpus-"));
  const config = {
    network: { listen: ["/ip4/127.0.0.1/tcp/0"], peers: [], mdns: false },
    sync: { ...SYNC_PRESETS.small, contexts: {} },
    limits: { callTimeMs: CALL_MS, callFuel: 1e9 },
  };
  const nodes: Node[] = [];
  for (let i = 0; i < count; i++) nodes.push(await openNode({ home: join(folder, `${i}`), config, log: silentLog }));
  return {
    nodes,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const node of nodes) await node[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The value, or an error that names the step and the code. */
export function unwrap<T>(step: string, result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${step}: ${result.error.code} ${result.error.message}`);
}

export async function joinContext(contextId: string, from: Node, joining: Node): Promise<void> {
  const { publicKey } = await joining.createIdentity();
  const invited = unwrap("invite", await from.invite({ contextId, inviteeId: publicKey }));
  unwrap("join", await joining.join({ invitationPayload: invited.payload }));
}

export async function call(node: Node, contextId: string, method: string, args: object): Promise<unknown> {
  return unwrap(`${method} ${JSON.stringify(args)}`, await node.execute({ contextId, method, args })).output;
}

/** Waits until all hold the same deltas and the same state. */
export async function converge(contextId: string, nodes: readonly Node[]): Promise<void> {
  const deadline = performance.now() + CONVERGE_MS;
  for (;;) {
    const views = await Promise.all(nodes.map((node) => node.context(contextId)));
    const shown = views.map((view) => {
      const { rootHash, heads, pending } = unwrap("context", view);
      return JSON.stringify([rootHash, heads.toSorted(), pending]);
    });
    if (new Set(shown).size === 1 && !shown[0]?.startsWith('[""')) return;
    if (performance.now() > deadline) throw new Error(`no convergence within ${CONVERGE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
