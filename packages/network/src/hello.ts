/**
 * The greeting: the first frame of each side on a stream.
 *
 *     0            1           17
 *     | version u8 | token 16  |
 *
 * The token is drawn anew whenever a session with the peer ends, and so at every start. It tells the deciding side
 * whether a second stream is a duplicate (same token) or replaces a session that its peer has lost (another token),
 * see `pairing.ts`. Refused: another length, another version.
 */
import { Reader, Writer } from "@dunlin/core/base";

const HELLO_VERSION = 1;
export const TOKEN_BYTES = 16;

export function encodeHello(token: Uint8Array): Uint8Array {
  return new Writer(1 + TOKEN_BYTES).u8(HELLO_VERSION).raw(token).toBytes();
}

/** The token; undefined when the frame is no greeting of this version. */
export function decodeHello(frame: Uint8Array): Uint8Array | undefined {
  const reader = new Reader(frame);
  const version = reader.u8();
  const token = reader.raw(TOKEN_BYTES);
  return reader.finish() && version === HELLO_VERSION ? token : undefined;
}
