import { contextId, publicKey } from "@dunlin/core/base";
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import {
  type ContextRecord,
  decodeRecord,
  encodeRecord,
  readContexts,
  removeContext,
  writeContext,
} from "./directory.ts";

const context = contextId(new Uint8Array(32).fill(1));
const created: ContextRecord = {
  context,
  member: publicKey(new Uint8Array(32).fill(2)),
  redeemer: undefined,
  addresses: [],
};
const joined: ContextRecord = {
  context: contextId(new Uint8Array(32).fill(0xff)),
  member: publicKey(new Uint8Array(32).fill(3)),
  redeemer: publicKey(new Uint8Array(32).fill(4)),
  addresses: ["/ip4/127.0.0.1/tcp/1/p2p/x", "/dns4/h\u00f6st/tcp/2/p2p/x"],
};

describe("the directory of contexts", () => {
  it("gives back what was written, whatever the context's id, and forgets what was removed", async () => {
    const store = createMemoryStore();
    await writeContext(store, joined);
    await writeContext(store, created);
    expect(readContexts(store)).toEqual({ records: [created, joined], damaged: [] });
    await removeContext(store, context);
    expect(readContexts(store)).toEqual({ records: [joined], damaged: [] });
  });

  it("names a context whose row is damaged, and gives the others", async () => {
    const store = createMemoryStore();
    await writeContext(store, created);
    await writeContext(store, joined);
    for (const [key, value] of [...store.range({ gte: new Uint8Array(32), lt: new Uint8Array(33).fill(0xff) })]) {
      if (key.at(-1) === 1) await store.commit([{ kind: "put", key: key.slice(), value: value.subarray(1) }]);
    }
    expect(readContexts(store)).toEqual({ records: [joined], damaged: [context] });
  });

  it("refuses every row that it would not have written", () => {
    const report = fuzzDecoder({
      name: "context record",
      seed: 20261121,
      corpus: [created, joined].map(encodeRecord),
      decode: (bytes) => decodeRecord(context, bytes),
      encode: encodeRecord,
    });
    expect(report.accepted).toBeGreaterThan(0);
  });
});
