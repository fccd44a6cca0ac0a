export {
  type ChannelConstructor,
  type ChannelLike,
  platformBroadcastChannel,
  platformWebSocket,
  type SocketConstructor,
  type SocketLike,
} from "./sockets.ts";
