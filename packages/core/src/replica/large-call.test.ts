import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { ENTRY_BYTES_MAX } from "./limits.ts";
import { Replica } from "./replica.ts";
import { testGenesis, testPorts } from "./testing.ts";

it("refuses a call that writes more than a delta can carry, without a trace", async () => {
  const ports = testPorts(createMemoryStore(), 1);
  const signer = ports.crypto.createSigner(ports.random.bytes(32));
  const genesis = testGenesis(signer, 2);
  const opened = await Replica.open(ports, { context: genesis.context, signer, place: "here" });
  if (!opened.ok) throw new Error(opened.error.message);
  const replica = opened.value;
  replica.admit(genesis.bytes);
  const put = (bytes: number) =>
    replica.call((transaction) => {
      transaction.field("map", "blobs").set("one", new Uint8Array(bytes));
      return { ok: true, value: null, events: [] };
    });
  expect(await put(ENTRY_BYTES_MAX)).toMatchObject({ ok: false, error: { code: "TRANSACTION_TOO_LARGE" } });
  expect(replica.document.field("map", "blobs").has("one")).toBe(false);
  expect(await put(ENTRY_BYTES_MAX - 100)).toMatchObject({ ok: true });
});
