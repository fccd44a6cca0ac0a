/** A libp2p node that speaks to ours byte by byte, and so can break every rule. */
import type { Libp2p, Stream } from "@libp2p/interface";
import { multiaddr } from "@multiformats/multiaddr";
import { createNode } from "../libp2p-node.ts";
import { PROTOCOL } from "../network.ts";

export interface RawPeer extends AsyncDisposable {
  readonly node: Libp2p;
  /** Opens a connection and our protocol's stream. Nothing is sent on it. */
  connect(address: string): Promise<Stream>;
}

export async function openRawPeer(number: number): Promise<RawPeer> {
  const listen = ["/ip4/127.0.0.1/tcp/0"];
  const node = await createNode({
    seed: new Uint8Array(32).fill(number),
    listen,
    onFound: undefined,
    connectionsMax: 10,
  });
  await node.start();
  return {
    node,
    connect: async (address) => {
      const connection = await node.dial(multiaddr(address), { force: true });
      return connection.newStream(PROTOCOL);
    },
    [Symbol.asyncDispose]: async () => {
      await node.stop();
    },
  };
}

/** Resolves when the stream is closed, by whichever side. */
export function untilClosed(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.status !== "open") resolve();
    else stream.addEventListener("close", () => resolve(), { once: true });
  });
}
