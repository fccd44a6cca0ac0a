/** What a replica knows of members comes back with it. */
import { createMemoryStore } from "@dunlin/store/memory";
import { expect, it } from "vitest";
import { applicationId, createPrng, silentLog } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { createGenesis } from "./create.ts";
import { Replica } from "./replica.ts";

it("has the same members and roles after reopening as before", async () => {
  const crypto = createCrypto();
  const prng = createPrng(1);
  let now = 1_800_000_000_000;
  const random = { bytes: (n: number) => prng.bytes(n) };
  const ports = { store: createMemoryStore(), crypto, clock: { now: () => now++ }, random, log: silentLog };
  const signer = crypto.createSigner(random.bytes(32));
  const genesis = createGenesis(ports, signer, applicationId(new Uint8Array(32)), 1);
  const open = async () => {
    const opened = await Replica.open(ports, { context: genesis.context, signer, place: "here" });
    if (!opened.ok) throw new Error(opened.error.message);
    return opened.value;
  };
  const replica = await open();
  replica.admit(genesis.bytes);
  const roles = ["reader", "writer", "admin"] as const;
  const members = roles.map(() => crypto.createSigner(random.bytes(32)).publicKey);
  for (const [i, member] of members.entries()) {
    await replica.declare({ kind: "add", member, role: roles[i] ?? "reader", nonce: random.bytes(16) });
  }
  const before = replica.access();
  await replica.close();
  const again = await open();
  expect(members.map((member) => again.roleOf(member))).toEqual(roles);
  expect(again.access()).toEqual(before);
  expect(again.application).toEqual(new Uint8Array(32));
});
