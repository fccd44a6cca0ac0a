/** Starting a node with its server on a home, and stopping both in the order that loses nothing. */
import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { NodeService } from "@dunlin/api";
import type { Log } from "@dunlin/core/base";
import { openServer, type Server } from "@dunlin/server";
import type { Call, Option, Ports } from "./command.ts";
import type { Config } from "./config.ts";
import { CommandFailure } from "./failure.ts";
import { prepareHome, readConfig, readToken, removeApiAddress, writeApiAddress } from "./home.ts";
import { createLog } from "./log.ts";

/** What `run` and `up` take beside the configuration file, which they overrule. */
export const START_OPTIONS: Readonly<Record<string, Option>> = {
  port: { type: "string", value: "PORT", help: "port of the HTTP API; 0 takes a free one" },
  listen: { type: "string", multiple: true, value: "ADDRESS", help: "multiaddr to listen on for peers (repeatable)" },
  peer: {
    type: "string",
    multiple: true,
    value: "ADDRESS",
    help: "multiaddr of a peer to keep connected (repeatable)",
  },
  page: { type: "string", value: "FOLDER", help: "folder of the page served under /app/" },
};

export interface Started extends AsyncDisposable {
  /** The face that is served. */
  readonly service: NodeService;
  readonly server: Server;
  readonly token: string;
  readonly hasPage: boolean;
}

export interface StartOptions {
  readonly ports: Ports;
  /** Prepared: there, and its owner's alone. */
  readonly home: string;
  readonly config: Config;
  /** The folder of the page, from the home. */
  readonly page: string | undefined;
  readonly log: Log;
  readonly profile?: boolean;
  /** Gives the face that is served in place of the node's own. */
  readonly observe?: (service: NodeService) => NodeService;
}

export async function startNode(call: Call, applicationPath?: string): Promise<Started> {
  const { home, ports } = call;
  await prepareHome(home);
  const config = overrule(await readConfig(home), call);
  const log = createLog({ config: config.log, json: call.json, clock: ports.clock, write: ports.err });
  const page = config.server.page ?? (await pageBeside(applicationPath));
  return startOn({ ports, home, config, page, log });
}

export async function startOn(options: StartOptions): Promise<Started> {
  const { ports, home, config, page, log, profile = false, observe = (service) => service } = options;
  const token = await readToken(home);
  const service = await ports.openNode({ home, config: config.node, log, profile });
  const face = observe(service);
  let server: Server;
  try {
    const { host, port, origins } = config.server;
    const served = { service: face, listen: { host, port }, token, origins, log };
    server = await openServer(page === undefined ? served : { ...served, staticDir: resolve(home, page) });
  } catch (error) {
    await service[Symbol.asyncDispose]();
    throw error;
  }
  await writeApiAddress(home, { url: server.url, token, pid: process.pid });
  return {
    service: face,
    server,
    token,
    hasPage: page !== undefined,
    async [Symbol.asyncDispose]() {
      // Nobody new first, then answers under way, then the store.
      await removeApiAddress(home);
      await server.close();
      await service[Symbol.asyncDispose]();
      log.log("info", "node.stopped");
    },
  };
}

function overrule(config: Config, { option, optionList }: Call): Config {
  const { node, server } = config;
  const port = option("port") === undefined ? server.port : Number(option("port"));
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new CommandFailure("USAGE", "--port must be an integer from 0 to 65535");
  }
  const page = option("page") === undefined ? server.page : resolve(option("page") ?? "");
  const listen = optionList("listen") ?? node.network.listen;
  const peers = optionList("peer") ?? node.network.peers;
  return {
    ...config,
    node: { ...node, network: { ...node.network, listen, peers } },
    server: { ...server, port, page },
  };
}

/** An application's folder may hold its page. */
export async function pageBeside(applicationPath: string | undefined): Promise<string | undefined> {
  if (applicationPath === undefined) return undefined;
  const folder = join(dirname(resolve(applicationPath)), "page");
  const index = await stat(join(folder, "index.html")).catch(() => undefined);
  return index?.isFile() === true ? folder : undefined;
}
