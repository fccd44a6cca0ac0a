import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { type Stamp, utf8 } from "../base/index.ts";
import type { RunCall } from "./call.ts";
import { ENTRY_BYTES_MAX } from "./limits.ts";
import { Replica } from "./replica.ts";
import { START_MS, testGenesis, testPorts } from "./testing.ts";

it("writes what a call leaves beside the state in its batch, and takes it back with the call", async () => {
  const store = createMemoryStore();
  const ports = testPorts(store, 1);
  const signer = ports.crypto.createSigner(ports.random.bytes(32));
  const genesis = testGenesis(signer, 2);
  const options = { context: genesis.context, signer, place: "here" };
  const open = async (): Promise<Replica> => {
    const opened = await Replica.open(ports, options);
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  };
  let replica = await open();
  replica.admit(genesis.bytes);
  await replica.settled();

  const told: string[] = [];
  const stamps: Stamp[] = [];
  const key = utf8("x own");
  const leaving =
    (value: string, bytes: number): RunCall<null> =>
    (transaction, { stamp }) => {
      stamps.push(stamp);
      if (bytes > 0) transaction.field("register", "r").set(new Uint8Array(bytes));
      const beside = {
        keep: () => void told.push(`keep ${value}`),
        drop: () => void told.push(`drop ${value}`),
        takeRows: () => [{ kind: "put", key, value: utf8(value) } as const],
      };
      return { ok: true, value: null, events: [], beside };
    };

  const deltas = replica.flushed.count;
  expect(await replica.call(leaving("both", 1))).toMatchObject({ ok: true, value: { delta: expect.anything() } });
  expect([store.get(key), replica.flushed.count]).toEqual([utf8("both"), deltas + 1]);
  expect(await replica.call(leaving("large", ENTRY_BYTES_MAX))).toMatchObject({ ok: false });
  expect(store.get(key)).toEqual(utf8("both"));
  ports.nowMs = START_MS + 60_000;
  expect(await replica.call(leaving("alone", 0))).toEqual({ ok: true, value: { value: null, delta: undefined } });
  expect([store.get(key), replica.flushed.count]).toEqual([utf8("alone"), deltas + 1]);
  expect(told).toEqual(["keep both", "drop large", "keep alone"]);

  // Its stamp is not given again, though no delta tells of it and the clock was set back.
  await replica.close();
  ports.nowMs = START_MS;
  replica = await open();
  await replica.call(leaving("later", 0));
  expect(stamps.at(-1)).toBeGreaterThan(stamps.at(-2) ?? 0);
});
