/** Two nodes of one context and 64 callers of one of them for some seconds, to be profiled. `input` is `FOLDER,SECONDS`. */
import { join } from "node:path";
import type { Figures } from "../isolated.ts";
import { runLoad } from "../load.ts";
import { openService } from "../open-bench-node.ts";
import { must, share } from "../ping.ts";

const CALLERS = 64;

/** By the clock of the profiler. */
const monotonicUs = (): number => Number(process.hrtime.bigint() / 1000n);

export async function serve(_runs: number, input: string): Promise<Figures> {
  const [folder = "", seconds = "1"] = input.split(",");
  await using author = await openService(join(folder, "author"));
  await using reader = await openService(join(folder, "reader"));
  const contextId = await share(author, reader);
  const load = { callers: CALLERS, durationMs: Number(seconds) * 1000, warmUpMs: 1000 };
  const report = await runLoad(load, async (caller, index) => {
    const args = { key: `key-${caller}-${index % 4}`, value: "x".repeat(1024) };
    must(await author.execute({ contextId, method: "ping", args }));
  });
  const endUs = monotonicUs();
  return { callsPerSecond: [report.callsPerSecond], beginUs: [endUs - Number(seconds) * 1e6], endUs: [endUs] };
}
