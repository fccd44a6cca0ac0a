/**
 * What a client and a relay say to each other, one message per WebSocket frame. A relay knows rooms and peers by opaque
 * bytes and carries what it cannot read.
 *
 *   kind (1) | body
 *   1 join     version (1) | room (32) | peer (32) | token (string)     the client's first and only once
 *   2 joined   count | peers (32 each, ascending)                       who is in the room already
 *   3 arrived  peer (32)
 *   4 left     peer (32)
 *   5 frame    peer (32) | sealed bytes                                 to the relay: for whom; from it: of whom
 *   6 refused  reason (string)                                          before the relay closes
 *
 * Refused as a whole: anything else, a version other than this, more peers than a room has.
 */
import { compareBytes, Reader, Writer } from "../base/index.ts";
import { RELAY_MESSAGE_BYTES_MAX, RELAY_REASON_BYTES_MAX, RELAY_TOKEN_BYTES_MAX, ROOM_PEERS_MAX } from "./limits.ts";

export const RELAY_VERSION = 1;
export const RELAY_ID_BYTES = 32;

export type RelayMessage =
  | { readonly kind: "join"; readonly room: Uint8Array; readonly peer: Uint8Array; readonly token: string }
  | { readonly kind: "joined"; readonly peers: readonly Uint8Array[] }
  | { readonly kind: "arrived"; readonly peer: Uint8Array }
  | { readonly kind: "left"; readonly peer: Uint8Array }
  | { readonly kind: "frame"; readonly peer: Uint8Array; readonly sealed: Uint8Array }
  | { readonly kind: "refused"; readonly reason: string };

const TAGS = { join: 1, joined: 2, arrived: 3, left: 4, frame: 5, refused: 6 } as const;

export function encodeRelayMessage(message: RelayMessage): Uint8Array {
  const writer = new Writer(128).u8(TAGS[message.kind]);
  switch (message.kind) {
    case "join":
      return writer.u8(RELAY_VERSION).raw(message.room).raw(message.peer).string(message.token).toBytes();
    case "joined":
      writer.varint(message.peers.length);
      for (const peer of message.peers) writer.raw(peer);
      return writer.toBytes();
    case "arrived":
    case "left":
      return writer.raw(message.peer).toBytes();
    case "frame":
      return writer.raw(message.peer).raw(message.sealed).toBytes();
    case "refused":
      return writer.string(message.reason).toBytes();
  }
}

/** Undefined when the bytes are no message. The parts are copies, but for a frame's sealed bytes: a view of the input. */
export function decodeRelayMessage(bytes: Uint8Array): RelayMessage | undefined {
  if (bytes.length > RELAY_MESSAGE_BYTES_MAX) return undefined;
  const reader = new Reader(bytes);
  const message = read(reader);
  return message !== undefined && reader.finish() ? message : undefined;
}

function read(reader: Reader): RelayMessage | undefined {
  switch (reader.u8()) {
    case TAGS.join:
      if (reader.u8() !== RELAY_VERSION) return undefined;
      return { kind: "join", room: id(reader), peer: id(reader), token: reader.string(RELAY_TOKEN_BYTES_MAX) };
    case TAGS.joined:
      return readJoined(reader);
    case TAGS.arrived:
      return { kind: "arrived", peer: id(reader) };
    case TAGS.left:
      return { kind: "left", peer: id(reader) };
    case TAGS.frame: {
      const peer = id(reader);
      return { kind: "frame", peer, sealed: reader.raw(reader.remaining) };
    }
    case TAGS.refused:
      return { kind: "refused", reason: reader.string(RELAY_REASON_BYTES_MAX) };
    default:
      return undefined;
  }
}

function readJoined(reader: Reader): RelayMessage | undefined {
  const count = reader.count(ROOM_PEERS_MAX, RELAY_ID_BYTES);
  const peers: Uint8Array[] = [];
  for (let i = 0; i < count && !reader.failed; i++) {
    const peer = id(reader);
    const previous = peers[i - 1];
    if (previous !== undefined && compareBytes(previous, peer) >= 0) return undefined;
    peers.push(peer);
  }
  return { kind: "joined", peers };
}

function id(reader: Reader): Uint8Array {
  return reader.raw(RELAY_ID_BYTES).slice();
}
