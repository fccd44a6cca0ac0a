export { type BroadcastChannelOptions, broadcastChannel } from "./broadcast-channel.ts";
export type { Connector, ConnectorPorts, ConnectorStatus, OpenOptions, OpenTransport } from "./connector.ts";
export { LINK_FRAME_BYTES_MAX, LINK_QUEUE_BYTES_MAX, RELAY_MESSAGE_BYTES_MAX, ROOM_PEERS_MAX } from "./limits.ts";
export { memoryPair } from "./memory-pair.ts";
export { decodeRelayMessage, encodeRelayMessage, RELAY_ID_BYTES, type RelayMessage } from "./relay-messages.ts";
export { SealedLink } from "./sealed-link.ts";
export { type WebSocketOptions, webSocket } from "./web-socket.ts";
