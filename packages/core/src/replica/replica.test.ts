import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { bytesToHex } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { auditContext } from "./audit.ts";
import { Replica } from "./replica.ts";
import { rootOf, testGenesis, testPorts } from "./testing.ts";

const crypto = createCrypto();

describe("a replica", () => {
  it("takes calls, survives reopening, and passes the audit", async () => {
    const store = createMemoryStore();
    const ports = testPorts(store, 1);
    const signer = crypto.createSigner(ports.random.bytes(32));
    const genesis = testGenesis(signer, 2);
    const open = async () => {
      const opened = await Replica.open(ports, { context: genesis.context, signer, place: "here" });
      if (!opened.ok) throw new Error(opened.error.message);
      return opened.value;
    };
    const replica = await open();
    expect(replica.admit(genesis.bytes).kind).toBe("admitted");
    await replica.settled();
    const receipts = await Promise.all(
      Array.from({ length: 600 }, (_, i) =>
        replica.call((transaction) => {
          transaction.field("counter", "votes").add(1);
          transaction.field("map", "settings").set(`key-${i % 50}`, i);
          transaction.field("text", "body").insert(0, "x");
          return { ok: true, value: i, events: [] };
        }),
      ),
    );
    expect(receipts.every((receipt) => receipt.ok && receipt.value.delta)).toBe(true);
    expect(replica.document.field("counter", "votes").value()).toBe(600);
    const { count } = replica.flushed;
    const root = rootOf(replica);
    await replica.close();
    const again = await open();
    expect(again.flushed.count).toBe(count);
    expect(bytesToHex(again.document.root())).toBe(root);
    expect(again.document.field("text", "body").length).toBe(600);
    const audit = auditContext(crypto, store, genesis.context);
    expect(audit).toMatchObject({ ok: true, value: { deltas: count, root: root } });
  });
});
