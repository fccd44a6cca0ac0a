import { expect, it } from "vitest";
import { buildApplication, createEngine } from "./index.ts";
import { createMemoryState } from "./testing/memory-state.ts";
it("tries", async () => {
  const built = await buildApplication(new URL("../../../examples/notes/app.ts", import.meta.url).pathname);
  if (!built.ok) throw new Error(JSON.stringify(built.error));
  console.log(built.value.code.length, built.value.code.slice(0, 300), JSON.parse(built.value.sourceMap).sources, JSON.stringify(built.value.abi).slice(0, 400));
  const engine = await createEngine(built.value);
  if (!engine.ok) throw new Error(JSON.stringify(engine.error));
  const host = createMemoryState();
  const call = (method: string, args: unknown) => engine.value.call({ method, args: JSON.stringify(args), caller: "me", nowMs: 5, seed: 1, timeLimitMs: 1000, monotonicMs: () => performance.now() }, host);
  console.log(JSON.stringify(call("edit", { document: "a", edits: [[0, 0, "hello"], [1, 2, "x"]] })));
  console.log(JSON.stringify(call("read", { document: "a" })));
  console.log(JSON.stringify(call("edit", { document: "a", edits: [[90, 0, "hello"], [1, 2, "x"]] })));
  console.log(JSON.stringify(call("put", { key: "k", value: "v" })), JSON.stringify(call("settings", {})));
  console.log(JSON.stringify(call("tally", { name: "k", by: 3 })), JSON.stringify(call("tallies", {})));
  console.log(JSON.stringify(call("tag", { tag: "k", present: true })), JSON.stringify(call("tags", {})));
  console.log(JSON.stringify(call("edit", { })));
  for (let r = 0; r < 5; r++) {
    const t = performance.now();
    for (let i = 0; i < 2000; i++) call("tally", { name: "k", by: 1 });
    console.log("us/call", ((performance.now() - t) / 2000) * 1000);
  }
});
