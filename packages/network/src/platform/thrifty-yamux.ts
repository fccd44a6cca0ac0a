/**
 * Yamux that grants its peer new window only when half of it is used.
 *
 * As it comes, the muxer answers every data frame with a window update: an encrypted packet of 12 bytes, a system call
 * here and a wake-up there. Updates that also open or acknowledge a stream always pass.
 *
 * `_newStream` and the members of `WindowedStream` are not part of the muxer's interface: where they are not as
 * expected nothing is changed, and `coalesce.test.ts` fails.
 */
import { type YamuxMuxerInit, yamux } from "@chainsafe/libp2p-yamux";
import type { StreamMuxerFactory } from "@libp2p/interface";

interface WindowedStream {
  readonly state: number;
  readonly recvWindow: number;
  readonly recvWindowCapacity: number;
  sendWindowUpdate(): void;
}

interface StreamMaker {
  _newStream(...args: readonly unknown[]): unknown;
}

/** The muxer's state of a stream whose opening both sides have acknowledged. */
const ESTABLISHED = 3;

export function thriftyYamux(init: YamuxMuxerInit): () => StreamMuxerFactory {
  const create = yamux(init);
  return () => {
    const factory = create();
    const createStreamMuxer = factory.createStreamMuxer.bind(factory);
    factory.createStreamMuxer = (connection) => {
      const muxer = createStreamMuxer(connection);
      saveWindowUpdates(muxer);
      return muxer;
    };
    return factory;
  };
}

/** False when the muxer is not one that this works on; it then works as before. */
export function saveWindowUpdates(muxer: object): boolean {
  if (!isStreamMaker(muxer)) return false;
  const makeStream = muxer._newStream.bind(muxer);
  muxer._newStream = (...args) => {
    const stream = makeStream(...args);
    if (isWindowed(stream)) updateAtHalf(stream);
    return stream;
  };
  return true;
}

function updateAtHalf(stream: WindowedStream): void {
  const update = stream.sendWindowUpdate.bind(stream);
  stream.sendWindowUpdate = () => {
    if (stream.state === ESTABLISHED && stream.recvWindowCapacity * 2 > stream.recvWindow) return;
    update();
  };
}

function isStreamMaker(muxer: object): muxer is StreamMaker {
  return "_newStream" in muxer && typeof muxer._newStream === "function";
}

function isWindowed(stream: unknown): stream is WindowedStream {
  if (typeof stream !== "object" || stream === null) return false;
  if (!("sendWindowUpdate" in stream) || typeof stream.sendWindowUpdate !== "function") return false;
  const numbers: Partial<Record<string, unknown>> = { ...stream };
  return ["state", "recvWindow", "recvWindowCapacity"].every((key) => typeof numbers[key] === "number");
}
