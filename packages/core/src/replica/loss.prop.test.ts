/**
 * Members write, add, demote and remove each other, apart and together; then everything is told to everybody. All who
 * remain must end with one access state, and with one state of the context, though nobody writes any more.
 */
import { createMemoryStore } from "@dunlin/store/memory";
import { describe, expect, it } from "vitest";
import { bytesToHex, createPrng, idKey, type Prng, type PublicKey } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { NEED_DELAY_MAX_MS } from "./limits.ts";
import { Replica } from "./replica.ts";
import { rootOf, type TestPorts, testGenesis, testPorts } from "./testing.ts";

const RUNS = Number(process.env["DUNLIN_PROPERTY_RUNS"] ?? 25);
const ROLES = ["admin", "writer", "reader"] as const;
const nonce = new Uint8Array(16);
const crypto = createCrypto();

interface Node {
  readonly ports: TestPorts;
  readonly replica: Replica;
  readonly member: PublicKey;
}

class World {
  readonly prng: Prng;
  readonly nodes: Node[] = [];
  readonly told: Uint8Array[] = [];
  count = 0;

  constructor(seed: number) {
    this.prng = createPrng(seed);
  }

  static async create(seed: number, members: number): Promise<World> {
    const world = new World(seed);
    const signers = Array.from({ length: members }, () => crypto.createSigner(world.prng.bytes(32)));
    const genesis = testGenesis(signers[0]!, seed);
    world.told.push(genesis.bytes);
    for (const signer of signers) {
      const ports = testPorts(createMemoryStore(), seed * 31 + world.nodes.length);
      const opened = await Replica.open(ports, { context: genesis.context, signer, place: "here" });
      if (!opened.ok) throw new Error(opened.error.message);
      const replica = opened.value;
      replica.onCommit(({ deltas }) => {
        for (const { delta, local } of deltas) if (local) world.told.push(delta.bytes);
      });
      world.nodes.push({ ports, replica, member: signer.publicKey });
    }
    const [founder, ...others] = world.nodes;
    founder!.replica.admit(genesis.bytes);
    for (const [i, { member }] of others.entries()) {
      const role = i < 2 ? "admin" : world.prng.pick(ROLES);
      await founder!.replica.declare({ kind: "add", member, role, nonce });
    }
    await world.tellAll();
    return world;
  }

  async step(): Promise<void> {
    const { prng } = this;
    const node = prng.pick(this.nodes);
    const other = prng.pick(this.nodes).member;
    const choice = prng.below(12);
    if (choice < 5) await this.write(node);
    else if (choice < 6) await node.replica.declare({ kind: "remove", member: other });
    else if (choice < 7) await node.replica.declare({ kind: "role", member: other, role: prng.pick(ROLES) });
    else if (choice < 8) await node.replica.declare({ kind: "add", member: other, role: prng.pick(ROLES), nonce });
    else this.tellSome(node);
    for (const { ports } of this.nodes) ports.nowMs += prng.below(200);
    await this.settled();
  }

  async write({ replica }: Node): Promise<void> {
    await replica.call((t) => {
      t.field("counter", "c").add(1);
      t.field("map", "m").set(`k${this.count % 5}`, this.count++);
      return { ok: true, value: 0, events: [] };
    });
  }

  tellSome({ replica }: Node): void {
    for (const bytes of this.told) if (this.prng.below(3) === 0) replica.admit(bytes);
  }

  async tellAll(): Promise<void> {
    for (const { replica } of this.nodes) {
      for (const bytes of this.prng.below(2) === 0 ? this.told : [...this.told].reverse()) replica.admit(bytes);
    }
    await this.settled();
  }

  /** Time goes by, and everybody is told everything, until nobody has anything to say. */
  async rest(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      const before = this.told.length;
      await this.tellAll();
      for (let ms = 0; ms <= NEED_DELAY_MAX_MS; ms += 500) {
        for (const { ports, replica } of this.nodes) {
          ports.nowMs += 500;
          replica.tick();
        }
        await this.settled();
        await this.tellAll();
      }
      quiet = this.told.length === before ? quiet + 1 : 0;
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.nodes.map(({ replica }) => replica.settled()));
  }
}

describe("loss of rights", () => {
  it("leaves those who remain with one state, at rest", async () => {
    let withheld = 0;
    let endorsed = 0;
    for (let seed = 1; seed <= RUNS; seed++) {
      const world = await World.create(seed, 5);
      for (let i = 0; i < 30; i++) await world.step();
      const before = world.told.length;
      await world.rest();
      endorsed += world.told.length - before;
      const ranks = world.nodes.map(({ replica }) => [...replica.access().rankByMember].sort());
      for (const other of ranks) expect(other, `seed ${seed}`).toEqual(ranks[0]);
      const isWriter = ({ member }: Node): boolean => (new Map(ranks[0]).get(idKey(member)) ?? 0) > 1;
      const remaining = world.nodes.filter(isWriter);
      const states = remaining.map(({ replica }) => ({
        root: rootOf(replica),
        heads: replica.flushed.heads.map(bytesToHex).sort(),
      }));
      for (const state of states) expect(state, `seed ${seed}`).toEqual(states[0]);
      withheld += Math.max(0, ...remaining.map(({ replica }) => replica.pendingSize));
    }
    // Otherwise the worlds were too kind to show anything.
    expect(withheld).toBeGreaterThan(0);
    expect(endorsed).toBeGreaterThan(0);
  });
});
