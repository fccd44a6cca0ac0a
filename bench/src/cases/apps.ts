/** Applications of a real node: what each holds when it is installed, and when a context of it is called. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Figures } from "../isolated.ts";
import { openService } from "../open-bench-node.ts";

const SETTLE_MS = 2_000;

/** `runs` applications that differ, in the folder `input`: time of each installation, bytes of all. */
export async function apps(runs: number, input: string): Promise<Figures> {
  await using service = await openService(join(input, "home"));
  const before = await settledMemory();
  const installMs: number[] = [];
  const ids: string[] = [];
  for (let i = 0; i < runs; i++) {
    const path = join(input, `app-${i}.ts`);
    writeFileSync(path, sourceOf(i));
    const begun = performance.now();
    const installed = await service.installApplication({ path });
    if (!installed.ok) throw new Error(installed.error.message);
    installMs.push(performance.now() - begun);
    ids.push(installed.value.applicationId);
  }
  const installed = await settledMemory();
  const coldMs: number[] = [];
  for (const applicationId of ids) {
    const created = await service.createContext({ applicationId });
    if (!created.ok) throw new Error(created.error.message);
    const begun = performance.now();
    const called = await service.execute({ contextId: created.value.contextId, method: "count", args: {} });
    if (!called.ok) throw new Error(called.error.message);
    coldMs.push(performance.now() - begun);
  }
  const active = await settledMemory();
  return { installMs, coldMs, installedBytes: [installed - before], activeBytes: [active - installed] };
}

function sourceOf(number: number): string {
  return `import { app, counter } from "@dunlin/sdk";
export default app({
  name: "app-${number}",
  state: { hits: counter() },
  events: {},
  queries: {},
  mutations: { count(state) { state.hits.add(${number + 1}); return state.hits.value(); } },
});
`;
}

/** Resident bytes of the process, its worker's heap among them. */
async function settledMemory(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  globalThis.gc?.();
  return process.memoryUsage().rss;
}
