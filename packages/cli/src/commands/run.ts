/** `dunlin run`: a node on a home, until it is told to stop. */
import type { Command } from "../command.ts";
import { START_OPTIONS, startNode } from "../start.ts";

export const run: Command = {
  name: "run",
  args: [],
  summary: "run the node of a home folder until SIGINT or SIGTERM",
  options: START_OPTIONS,
  async run(call) {
    const { ports, json } = call;
    const stopped = ports.untilStopped();
    const node = await startNode(call);
    try {
      const { url } = node.server;
      ports.out(
        json ? JSON.stringify({ url, pid: process.pid }) : `the node listens at ${url}; its token is in ${call.home}`,
      );
      await stopped;
    } finally {
      await node[Symbol.asyncDispose]();
    }
    return undefined;
  },
};
