/** `dunlin watch`: a context's events as lines, until stopped or the node goes away. */
import { type Json, parseJson } from "@dunlin/api";
import { WebSocket } from "ws";
import type { Command, Ports } from "../command.ts";
import { CommandFailure } from "../failure.ts";
import { fieldOf, listOf, valueAt } from "../fields.ts";
import { CONNECT_TIMEOUT_MS } from "../limits.ts";
import { printable } from "../printable.ts";

export const watch: Command = {
  name: "watch",
  args: ["CONTEXT"],
  summary: "print events as they come, one a line",
  options: { count: { type: "string", value: "N", help: "end after N events" } },
  async run({ args, option, client, json, ports }) {
    const countMax = option("count") === undefined ? Number.POSITIVE_INFINITY : Number(option("count"));
    if (!(countMax >= 1)) throw new CommandFailure("USAGE", "--count must be a number of at least 1");
    const { url, token } = await client();
    const socket = new WebSocket(`${url.replace(/^http/, "ws")}/ws`, {
      headers: { Authorization: `Bearer ${token}` },
      handshakeTimeout: CONNECT_TIMEOUT_MS,
    });
    const stopped = ports.untilStopped().then(() => socket.terminate());
    await Promise.race([follow(socket, { url, contextId: valueAt(args, 0), countMax, json, ports }), stopped]);
    return undefined;
  },
};

interface Following {
  readonly url: string;
  readonly contextId: string;
  readonly countMax: number;
  readonly json: boolean;
  readonly ports: Ports;
}

function follow(socket: WebSocket, { url, contextId, countMax, json, ports }: Following): Promise<void> {
  let count = 0;
  return new Promise((resolve, reject) => {
    const fail = (code: string, message: string): void => {
      socket.terminate();
      reject(new CommandFailure(code, message));
    };
    socket.on("open", () =>
      socket.send(JSON.stringify({ id: 1, method: "subscribe", params: { contextIds: [contextId] } })),
    );
    socket.on("unexpected-response", (_request, response) =>
      fail(
        response.statusCode === 401 ? "UNAUTHORIZED" : "NODE_UNREACHABLE",
        `the node answered with ${response.statusCode}`,
      ),
    );
    socket.on("error", (error) => fail("NODE_UNREACHABLE", `no node answers at ${url} (${error.message})`));
    socket.on("close", (code, reason) => fail("NODE_UNREACHABLE", `the node closed the stream (${code} ${reason})`));
    socket.on("message", (data) => {
      const parsed = parseJson(String(data));
      const error = parsed.ok ? fieldOf(parsed.value, "error") : undefined;
      if (!parsed.ok || error !== undefined) {
        fail(String(fieldOf(error, "code") ?? "INTERNAL"), String(fieldOf(error, "message") ?? "not JSON"));
        return;
      }
      const isCommit = fieldOf(fieldOf(parsed.value, "result"), "type") !== "Presence";
      if (fieldOf(parsed.value, "id") !== null || !isCommit) return;
      for (const line of eventLines(fieldOf(parsed.value, "result"), json)) ports.out(line);
      if (++count < countMax) return;
      resolve();
      socket.removeAllListeners("close").terminate();
    });
  });
}

/** One line per application event; one for a commit without any. */
function eventLines(result: Json | undefined, json: boolean): readonly string[] {
  if (json) return [printable(JSON.stringify(result))];
  const data = fieldOf(result, "data");
  const start = `#${fieldOf(data, "sequence")} ${fieldOf(data, "local") === true ? "local " : "remote"}`;
  const end = `root ${fieldOf(data, "newRoot")}`;
  const events = listOf(fieldOf(data, "events")).map((event) => {
    const payload = Uint8Array.from(listOf(fieldOf(event, "data")).map(Number));
    return `${fieldOf(event, "kind")} ${new TextDecoder().decode(payload)}`;
  });
  return (events.length === 0 ? ["(no event)"] : events).map((event) => printable(`${start} ${event}  ${end}`));
}
