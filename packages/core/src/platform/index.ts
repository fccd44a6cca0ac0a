export { platformCompression } from "./compression.ts";
export { consoleLog, systemClock, systemRandom, systemScheduler } from "./default-ports.ts";
export { systemDigest } from "./digest.ts";
export { systemMemory, systemMonotonicClock } from "./measures.ts";
export {
  type ChannelConstructor,
  type ChannelLike,
  platformBroadcastChannel,
  platformWebSocket,
  type SocketConstructor,
  type SocketLike,
} from "./sockets.ts";
