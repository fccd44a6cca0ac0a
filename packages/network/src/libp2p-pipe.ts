/**
 * A libp2p stream as a pipe. The stream's `send` takes all bytes and answers false when its window or the socket is
 * full; 'drain' says when to go on. `send` throws on a stream that has closed before its 'close' event has come: that
 * counts as a close.
 */
import type { Connection, Stream } from "@libp2p/interface";
import type { CutCode } from "./failure.ts";
import type { Pipe, PipeEvents } from "./pipe.ts";

export function streamToPipe(stream: Stream, connection: Connection): Pipe {
  let events: PipeEvents | undefined;
  const close = (): void => events?.onClose();
  return {
    write: (bytes) => {
      try {
        return stream.send(bytes);
      } catch {
        queueMicrotask(close);
        return false;
      }
    },
    destroy: (code) => abortConnection(connection, code),
    listen: (listener) => {
      events = listener;
      stream.addEventListener("message", ({ data }) => {
        if (data instanceof Uint8Array) listener.onData(data);
        else for (const chunk of data) listener.onData(chunk);
      });
      stream.addEventListener("drain", () => listener.onDrain());
      stream.addEventListener("close", close);
      stream.addEventListener("remoteCloseWrite", close);
      if (stream.status !== "open") queueMicrotask(close);
    },
  };
}

/** Resets the connection. libp2p throws when its lower half has gone already, and then there is nothing to do. */
export function abortConnection(connection: Connection, code: CutCode): void {
  try {
    connection.abort(new Error(code));
  } catch {}
}
