/**
 * Two nodes that share a context both come back at other ports, and find each other by multicast DNS alone. Runs in a
 * network namespace that has one interface, so that nothing leaves the machine; prints what the second then reads.
 *
 *     node moved-nodes.mjs FOLDER APPLICATION
 */
import { join } from "node:path";
import { SYNC_PRESETS } from "@dunlin/api";
import { openNode } from "@dunlin/node";

const [folder, application] = process.argv.slice(2);
const LOOK_AGAIN_MS = 50;

const must = (result) => {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
};

async function open(name, port) {
  return openNode({
    home: join(folder, name),
    config: {
      network: { listen: [`/ip4/0.0.0.0/tcp/${port}`], peers: [], mdns: true },
      sync: { ...SYNC_PRESETS.small, contexts: {} },
      limits: { callTimeMs: 5000, callFuel: 300_000_000 },
    },
    log: { log: () => {} },
  });
}

const at = (first, second) => Promise.all([open("first", first), open("second", second)]);
const close = (nodes) => Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));

let nodes = await at(4001, 4002);
const { applicationId } = must(await nodes[0].installApplication({ path: application }));
must(await nodes[1].installApplication({ path: application }));
const { contextId } = must(await nodes[0].createContext({ applicationId }));
const { publicKey } = await nodes[1].createIdentity();
const { payload } = must(await nodes[0].invite({ contextId, inviteeId: publicKey }));
must(await nodes[1].join({ invitationPayload: payload }));
await close(nodes);

nodes = await at(4003, 4004);
must(await nodes[0].execute({ contextId, method: "add", args: { by: 7 } }));
const read = async () => must(await nodes[1].execute({ contextId, method: "value", args: {} })).output;
while ((await read()) !== 7) await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
process.stdout.write(JSON.stringify(await read()));
await close(nodes);
