/** A real node with the notes application and one context, in a folder of its own that goes with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SYNC_PRESETS } from "@dunlin/api";
import { silentLog } from "@dunlin/core/base";
import { openNode } from "@dunlin/node";

export interface BenchNode extends AsyncDisposable {
  readonly service: Service;
  readonly contextId: string;
  /** On the device whose flushes the node waits for. */
  readonly folder: string;
}

export const NOTES: string = join(import.meta.dirname, "..", "..", "examples", "notes", "app.ts");

const config = {
  network: { listen: ["/ip4/127.0.0.1/tcp/0"], peers: [], mdns: false },
  sync: { ...SYNC_PRESETS.medium, contexts: {} },
  limits: { callTimeMs: 10_000, callFuel: 1e9 },
};

export type Service = Awaited<ReturnType<typeof openNode>>;

export type ServiceOptions = Partial<Pick<Parameters<typeof openNode>[0], "log" | "profile">>;

export function openService(home: string, options: ServiceOptions = {}): Promise<Service> {
  return openNode({ home, config, log: silentLog, ...options });
}

export async function openBenchNode(options: ServiceOptions = {}): Promise<BenchNode> {
  const folder = mkdtempSync(join(tmpdir(), "dunlin-bench-"));
  const service = await openService(join(folder, "home"), options);
  const installed = await service.installApplication({ path: NOTES });
  if (!installed.ok) throw new Error(installed.error.message);
  const created = await service.createContext(installed.value);
  if (!created.ok) throw new Error(created.error.message);
  return {
    service,
    contextId: created.value.contextId,
    folder,
    async [Symbol.asyncDispose](): Promise<void> {
      await service[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}
