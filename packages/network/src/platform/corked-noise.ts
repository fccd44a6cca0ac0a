/**
 * Noise over sockets that are written once per turn of the event loop.
 *
 * The TCP transport writes each buffer of a list by itself, and an encrypted packet is a list of two (a length of 2
 * bytes, then the ciphertext): two system calls and two packets per frame. The encrypter is handed the raw connection,
 * so it corks the socket at the first write of a turn and uncorks it at the turn's end, or as soon as it is full.
 *
 * `socket` and `sendData` are not part of libp2p's interface: where they are not as expected nothing is changed, and
 * `coalesce.test.ts` fails.
 */
import { type NoiseComponents, type NoiseExtensions, noise } from "@chainsafe/libp2p-noise";
import type { ConnectionEncrypter } from "@libp2p/interface";

interface SocketConnection {
  readonly socket: { cork(): void; uncork(): void };
  sendData(data: unknown): { readonly canSendMore: boolean; readonly sentBytes: number };
}

export function corkedNoise(): (components: NoiseComponents) => ConnectionEncrypter<NoiseExtensions> {
  const create = noise();
  return (components) => {
    const encrypter = create(components);
    const secureInbound = encrypter.secureInbound.bind(encrypter);
    const secureOutbound = encrypter.secureOutbound.bind(encrypter);
    encrypter.secureInbound = async (connection, options) => {
      const secured = await secureInbound(connection, options);
      corkWrites(connection);
      return secured;
    };
    encrypter.secureOutbound = async (connection, options) => {
      const secured = await secureOutbound(connection, options);
      corkWrites(connection);
      return secured;
    };
    return encrypter;
  };
}

/** False when the connection is not one that can be corked; it then works as before. */
export function corkWrites(connection: object): boolean {
  if (!isSocketConnection(connection)) return false;
  const { socket } = connection;
  const sendData = connection.sendData.bind(connection);
  let corked = false;
  const uncork = (): void => {
    if (corked) socket.uncork();
    corked = false;
  };
  connection.sendData = (data) => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(uncork);
    }
    const result = sendData(data);
    if (!result.canSendMore) uncork();
    return result;
  };
  return true;
}

function isSocketConnection(connection: object): connection is SocketConnection {
  if (!("socket" in connection && "sendData" in connection)) return false;
  const { socket, sendData } = connection;
  if (typeof socket !== "object" || socket === null || typeof sendData !== "function") return false;
  return "cork" in socket && typeof socket.cork === "function" && "uncork" in socket;
}
