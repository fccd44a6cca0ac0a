/**
 * The two kinds of connection that the web platform brings, by the parts of them that core uses. Node has
 * `BroadcastChannel`; its `WebSocket` comes with Node 22, and before that is passed in.
 */
export interface SocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  /** With a `data`. */
  onmessage: ((event: never) => void) | null;
  /** With a `code` and a `reason`. */
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: Uint8Array): void;
  close(code?: number, reason?: string): void;
}

export type SocketConstructor = new (url: string) => SocketLike;

export interface ChannelLike {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export type ChannelConstructor = new (name: string) => ChannelLike;

interface PlatformSockets {
  readonly WebSocket?: SocketConstructor;
  readonly BroadcastChannel?: ChannelConstructor;
}

const platform = globalThis as PlatformSockets;

/** Undefined where the platform has none. */
export function platformWebSocket(): SocketConstructor | undefined {
  return platform.WebSocket;
}

/** Undefined where the platform has none. */
export function platformBroadcastChannel(): ChannelConstructor | undefined {
  return platform.BroadcastChannel;
}
