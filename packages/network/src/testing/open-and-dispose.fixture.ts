/** Run by `dispose.test.ts`: uses every part that holds a timer or a handle, disposes, and does not exit by itself. */
import { stdout } from "node:process";
import { openTestNode } from "./test-node.ts";

const [connected = "", nobody = ""] = process.argv.slice(2);
const node = await openTestNode({ number: 2 });
await node.network.dial(connected);
node.network.keepConnected([connected, nobody]);
node.network.send(node.network.peers()[0] ?? node.network.self, Uint8Array.of(1));
await node[Symbol.asyncDispose]();
stdout.write(`disposed after ${node.events.length} events\n`);
