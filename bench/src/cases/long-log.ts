/**
 * A node with one context of many calls; and its start by another process, as `dunlin run` starts it but for the server.
 * `input` is `FOLDER,CALLS`.
 */
import { join } from "node:path";
import { must } from "@dunlin/core/base";
import type { Figures } from "../isolated.ts";
import { openService } from "../open-bench-node.ts";

const APPLICATION = join(import.meta.dirname, "..", "..", "..", "examples", "notes", "app.ts");
const KEYS = 10_000;
const CALLERS = 256;

export async function fillNode(_runs: number, input: string): Promise<Figures> {
  const [folder = "", count = ""] = input.split(",");
  await using service = await openService(join(folder, "home"));
  const installed = await service.installApplication({ path: APPLICATION });
  if (!installed.ok) throw new Error(installed.error.message);
  const created = await service.createContext(installed.value);
  if (!created.ok) throw new Error(created.error.message);
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < Number(count)) {
      const call = next++;
      const args = { key: `key-${call % KEYS}`, value: "x".repeat(100) };
      const done = await service.execute({ contextId: created.value.contextId, method: "put", args });
      if (!done.ok) throw new Error(done.error.message);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return {};
}

/** Milliseconds since the process began, until the node is open and until a call is durable; and its processor time. */
export async function startNode(_runs: number, input: string): Promise<Figures> {
  const [folder = ""] = input.split(",");
  await using service = await openService(join(folder, "home"));
  const openMs = performance.now();
  const [context] = (await service.status()).contexts;
  const { contextId } = must(context, "the context");
  const done = await service.execute({ contextId, method: "put", args: { key: "again", value: "x" } });
  if (!done.ok) throw new Error(done.error.message);
  const { user, system } = process.cpuUsage();
  return { openMs: [openMs], callMs: [performance.now()], cpuMs: [(user + system) / 1000] };
}
