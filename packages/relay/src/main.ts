/** The `dunlin-relay` command. */
import { parseArgs } from "node:util";
import { openRelay } from "./relay.ts";

const HELP = `dunlin-relay: carries the frames of databases that cannot reach each other

  dunlin-relay [--host 127.0.0.1] [--port 7878] [--token TOKEN]

  --host HOST    where to listen; 0.0.0.0 for others than this machine
  --port PORT    7878 by default
  --token TOKEN  clients must give it: webSocket(url, { token }); also from DUNLIN_RELAY_TOKEN

It reads nothing of what it carries, keeps nothing, and needs TLS in front of it when it serves the open network.
GET /health answers while it is up.
`;

const PORT_DEFAULT = "7878";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string", default: PORT_DEFAULT },
      token: { type: "string" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port is from 0 to 65535, not ${values.port}`);
  const token = values.token ?? process.env["DUNLIN_RELAY_TOKEN"];
  await using relay = await openRelay({ host: values.host, port, ...(token ? { token } : {}) });
  process.stdout.write(`relay at ${relay.url}\n`);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`dunlin-relay: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
