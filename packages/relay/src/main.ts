/** The `dunlin-relay` command. */
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { isLoopback } from "./audience.ts";
import { openRelay } from "./relay.ts";

const HELP = `dunlin-relay: carries the frames of databases that cannot reach each other

  dunlin-relay [--host 127.0.0.1] [--port 7878] [--token TOKEN | --open]

  --host HOST    where to listen; 0.0.0.0 for others than this machine
  --port PORT    7878 by default
  --token TOKEN  clients must give it: webSocket(url, { token }); also from DUNLIN_RELAY_TOKEN. Where others than
                 this machine are served and none is given, one is made and shown
  --open         serves anybody without a token

It reads nothing of what it carries, keeps nothing, and needs TLS in front of it when it serves the open network.
GET /health answers while it is up.
`;

const PORT_DEFAULT = "7878";
const TOKEN_BYTES = 18;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string", default: PORT_DEFAULT },
      token: { type: "string" },
      open: { type: "boolean", default: false },
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
  const given = values.token ?? (process.env["DUNLIN_RELAY_TOKEN"] || undefined);
  if (given !== undefined && values.open) throw new Error("--open serves anybody: leave the token away, or --open");
  const isMade = given === undefined && !values.open && !isLoopback(values.host);
  const token = isMade ? randomBytes(TOKEN_BYTES).toString("base64url") : given;
  const audience = token === undefined ? { servesAnybody: values.open } : { token };
  await using relay = await openRelay({ host: values.host, port, ...audience });
  process.stdout.write(`relay at ${relay.url}\n`);
  if (isMade) process.stdout.write(`token of this run: ${token}\n`);
  if (values.open) process.stdout.write("it serves anybody who reaches it\n");
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
