/** The command line of the demonstration. */
import { parseArgs } from "node:util";
import { DemoFailure, EXIT, reasonOf } from "./failure.ts";

export interface Options {
  /** End after the checks instead of staying up. */
  readonly once: boolean;
  readonly help: boolean;
  /** Where the nodes' folders are made and stay; a temporary folder when absent. */
  readonly keep: string | undefined;
  /** Where the rows of the table are written as JSON. */
  readonly json: string | undefined;
  /** Port of node A's API; B and C have the next two. Free ones when absent. */
  readonly port: number | undefined;
  /** The folder of recorded histories; those of the project when absent. */
  readonly traces: string | undefined;
}

export const USAGE = `npm start [-- OPTIONS]

Three nodes on this machine replay real editing histories, one of them is killed and comes back, and every
acknowledged write is looked for on every node. Then it stays up, with a page to look at.

  --once          end after the checks: exit code 0 when everything is equal, 1 when not
  --keep FOLDER   make the nodes' folders here and leave them there (default: a temporary folder, removed at the end)
  --port PORT     port of node A's HTTP API; B and C have the next two (default: free ones)
  --json FILE     write the rows of the table there
  --help          this text

DUNLIN_TRACES names a folder of recorded histories (.json.gz, in the form of josephg/editing-traces).
Exit codes: 0 all equal, 1 not equal or a node failed, 2 arguments or histories of no use, 3 port or folder taken,
130 interrupted.`;

export function readOptions(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Options {
  const { values } = parse(args);
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_533)) {
    throw new DemoFailure(EXIT.input, "--port must be an integer from 1 to 65533");
  }
  const { once = false, help = false, keep, json } = values;
  return { once, help, keep, json, port, traces: env["DUNLIN_TRACES"] || undefined };
}

type Values = { once?: boolean; help?: boolean; keep?: string; json?: string; port?: string };

function parse(args: readonly string[]): { values: Values } {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        keep: { type: "string" },
        json: { type: "string" },
        port: { type: "string" },
      },
    });
  } catch (thrown) {
    throw new DemoFailure(EXIT.input, `${reasonOf(thrown)} (--help shows what there is)`);
  }
}
