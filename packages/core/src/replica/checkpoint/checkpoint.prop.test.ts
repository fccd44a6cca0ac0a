import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { createPrng, type Prng } from "../../base/index.ts";
import type { Transaction } from "../../crdt/index.ts";
import { rootOf } from "../testing.ts";
import type { Checkpoint } from "./checkpoints.ts";
import { exchangeAll, give, type Member, openMembers, rootByDefinition, write } from "./testing.ts";

const RUNS = Number(process.env["DUNLIN_CHECKPOINT_RUNS"] ?? 4);

function edit(tx: Transaction, prng: Prng): void {
  const key = `k${prng.below(4)}`;
  switch (prng.below(9)) {
    case 0:
      return void tx.field("map", "m").set(key, prng.below(99));
    case 1:
      return void tx.field("map", "m").delete(key);
    case 2:
      return void tx.field("map", "m").child("text", key).insert(0, "ab");
    case 3:
      return void tx.field("set", "s").add(key);
    case 4:
      return void tx.field("set", "s").delete(key);
    case 5: {
      const text = tx.field("text", "t");
      if (text.length > 2) text.delete(prng.below(text.length - 1), 1);
      return text.insert(prng.below(text.length + 1), "xyz");
    }
    case 6:
      return void tx.field("counter", "c").add(1);
    case 7: {
      const records = tx.field("records", "r");
      if (!records.has(key)) records.insert(key);
      return records.edit(key).set("f", prng.below(99));
    }
    default:
      return void tx.field("records", "r").delete(key);
  }
}

/** One after the other, as the chain of those in effect says. */
function chainOf(member: Member): Checkpoint[] {
  return [...member.replica.checkpoints.chain];
}

async function wander(members: readonly Member[], prng: Prng): Promise<void> {
  for (let step = 0; step < 60; step++) {
    const member = prng.pick(members);
    const kind = prng.below(20);
    if (kind < 11) await write(member, (tx) => edit(tx, prng));
    else if (kind < 16) await give(prng.pick(members), member, 1 + prng.below(6));
    else if (kind < 18) await member.replica.checkpoints.compact({ takeOver: prng.chance(0.02) });
    else if (kind === 18) await member.replica.checkpoints.settled();
    else {
      await member.replica.close();
      await member.open();
    }
    member.ports.nowMs += prng.below(3);
  }
}

describe("checkpoints", () => {
  it("leave every member the state that the definition gives, whatever came when", async () => {
    let inEffect = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const prng = createPrng(seed);
      const members = await openMembers(Array.from({ length: 2 + (seed % 2) }, createMemoryStore));
      await wander(members, prng);
      await exchangeAll(members);
      const roots = members.map(({ replica }) => rootOf(replica));
      expect(new Set(roots).size, `seed ${seed}`).toBe(1);
      const [member] = members as [Member];
      inEffect += chainOf(member).length;
      expect(rootByDefinition(member, chainOf(member), prng), `seed ${seed}`).toBe(roots[0]);
    }
    expect(inEffect).toBeGreaterThan(RUNS);
  });
});
