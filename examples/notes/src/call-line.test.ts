import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { CallLine, CallRefused, LineLost } from "./call-line.ts";

let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** A server that answers as `reply` says, and the line to it. */
async function open(reply: (socket: Socket, received: string) => void): Promise<CallLine> {
  server = createServer((socket) => {
    let received = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      received += chunk.toString("utf8");
      reply(socket, received);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return new CallLine({ url: `http://127.0.0.1:${port}`, token: "t" }, "context", 3);
}

const answer = (body: object): string => {
  const text = JSON.stringify(body);
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
};
const result = (output: unknown): object => ({ result: { output, deltaId: "d" } });

describe("CallLine", () => {
  it("sends without waiting, and answers in order, refusals among them", async () => {
    const line = await open((socket, received) => {
      if ((received.match(/POST \/jsonrpc/g) ?? []).length < 3) return;
      const bytes = Buffer.from(
        answer(result("ä")) + answer({ error: { code: "X", message: "no" } }) + answer(result(3)),
      );
      socket.write(bytes.subarray(0, 70));
      setImmediate(() => socket.write(bytes.subarray(70)));
    });
    const [first, second, third] = [line.call("a", {}), line.call("b", {}), line.call("c", {})];
    expect(await first).toEqual({ output: "ä", deltaId: "d" });
    await expect(second).rejects.toThrow(new CallRefused("X: no"));
    expect((await third).output).toBe(3);
    expect(line.inFlight).toBe(0);
    line.close();
  });

  it("fails what waits, and what comes after, when the node is gone", async () => {
    const line = await open((socket) => socket.destroy());
    await expect(line.call("a", {})).rejects.toThrow(LineLost);
    await expect(line.call("b", {})).rejects.toThrow(LineLost);
    await line.room();
  });
});
