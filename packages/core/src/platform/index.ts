export { platformCompression } from "./compression.ts";
export { consoleLog, systemClock, systemRandom, systemScheduler } from "./default-ports.ts";
export {
  type ChannelConstructor,
  type ChannelLike,
  platformBroadcastChannel,
  platformWebSocket,
  type SocketConstructor,
  type SocketLike,
} from "./sockets.ts";
