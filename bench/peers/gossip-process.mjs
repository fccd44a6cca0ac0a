/**
 * A process of a measured group whose members are bare gossipsub: no store, no deltas, no rights. Every message is signed
 * and checked by gossipsub itself (its default), and a call counts when the last member's subscription has it.
 * Driven as `bench/src/cluster/protocol.ts` says. As it comes, but for one setting: peers that share an address are not
 * scored down, or on one machine it stops talking to them.
 */
// First: it gives Node 20 what libp2p needs.
import "@dunlin/network";
import { noise } from "@chainsafe/libp2p-noise";
import { yamux } from "@chainsafe/libp2p-yamux";
import { generateKeyPairFromSeed } from "@libp2p/crypto/keys";
import { gossipsub } from "@libp2p/gossipsub";
import { identify } from "@libp2p/identify";
import { tcp } from "@libp2p/tcp";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { Tally, until } from "../dist/cluster/tally.js";

const TOPIC = "load";
const MARK_BYTES = 6;
const SETTLE_MS = 120_000;
/** Heartbeats come every second: after these the meshes stand. */
const MESH_MS = 3_000;

const members = new Map();
let tally = new Tally(0);
let begun = process.cpuUsage();

process.on("message", (message) => {
  handle(message).then(tell, (thrown) => tell({ kind: "failed", reason: String(thrown?.stack ?? thrown) }));
});
process.on("disconnect", () => process.exit());

function tell(message) {
  process.send?.(message);
}

async function handle(message) {
  switch (message.kind) {
    case "open":
      return open(message.members);
    case "dial":
      for (const [index, targets] of Object.entries(message.targets))
        for (const { addresses } of targets)
          for (const address of addresses) await members.get(Number(index)).dial(multiaddr(address));
      return { kind: "done" };
    case "settle":
      for (const [index, links] of Object.entries(message.links))
        await until(() => hasLinks(members.get(Number(index)), links), SETTLE_MS);
      await new Promise((resolve) => setTimeout(resolve, MESH_MS));
      return { kind: "done" };
    case "write":
      return { kind: "written", calls: await write(message) };
    case "drained":
      await until(() => tally.hasAll(message.expected), message.deadlineMs).catch(() => {});
      return { kind: "done" };
    case "report":
      return { kind: "report", report: report() };
    case "close":
      for (const member of members.values()) await member.stop();
      setImmediate(() => process.disconnect());
      return { kind: "done" };
  }
}

async function open(indexes) {
  tally = new Tally(indexes.length);
  const addresses = {};
  for (const index of indexes) {
    const member = await createMember(index);
    members.set(index, member);
    member.services.pubsub.addEventListener("message", ({ detail }) => tally.note(detail.data, Date.now()));
    member.services.pubsub.subscribe(TOPIC);
    addresses[index] = member.getMultiaddrs().map(String);
  }
  return { kind: "opened", addresses, deltas: [] };
}

async function createMember(index) {
  const seed = new Uint8Array(32);
  new DataView(seed.buffer).setUint32(0, index);
  return createLibp2p({
    privateKey: await generateKeyPairFromSeed("Ed25519", seed),
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 1_000, maxIncomingPendingConnections: 1_000 },
    connectionMonitor: { enabled: false },
    services: {
      identify: identify(),
      pubsub: gossipsub({ emitSelf: true, scoreParams: { IPColocationFactorWeight: 0 } }),
    },
  });
}

function hasLinks(member, links) {
  return member.services.pubsub.getSubscribers(TOPIC).length >= links;
}

async function write({ writers, writersInAll, valueBytes, ...load }) {
  tally.begin(writersInAll);
  begun = process.cpuUsage();
  const calls = {};
  const running = Object.entries(writers).map(async ([writer, index]) => {
    const { pubsub } = members.get(index).services;
    const sent = [];
    calls[writer] = await tally.writeOpenLoop(Number(writer), load, (_call, mark) => {
      const data = new Uint8Array(MARK_BYTES + valueBytes);
      data.set(mark);
      sent.push(pubsub.publish(TOPIC, data));
    });
    await Promise.all(sent);
  });
  await Promise.all(running);
  return calls;
}

function report() {
  const { user, system } = process.cpuUsage(begun);
  return {
    ...tally.times(),
    cpuMs: (user + system) / 1000,
    bytesOut: 0,
    framesOut: 0,
    rssBytes: process.memoryUsage.rss(),
    counters: {},
  };
}
