/** A request written byte by byte, for tests of headers that no well-behaved client sends. */
import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** Sends the lines as they are and reads until the server closes the connection. */
export function rawRequest(port: number, lines: readonly string[], body = ""): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`));
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      // An upgraded connection stays open: its head is the answer.
      if (text.startsWith("HTTP/1.1 101")) socket.destroy();
    });
    socket.on("error", reject);
    socket.on("close", () => {
      const [headers = "", ...rest] = text.split("\r\n\r\n");
      resolve({ status: Number(headers.slice(9, 12)), headers, body: rest.join("\r\n\r\n") });
    });
  });
}
