/** Core's compression port over the streams of the web platform, which Node has too. */
import { type AsyncCompression, concatBytes } from "../base/index.ts";

interface Pull {
  readonly done: boolean;
  readonly value?: Uint8Array;
}

interface Transform {
  readonly writable: { getWriter(): { write(bytes: Uint8Array): Promise<void>; close(): Promise<void> } };
  readonly readable: { getReader(): { read(): Promise<Pull>; cancel(): Promise<void> } };
}

type TransformConstructor = new (format: "deflate-raw") => Transform;

interface Platform {
  readonly CompressionStream?: TransformConstructor;
  readonly DecompressionStream?: TransformConstructor;
}

/** Undefined where the platform has no such streams: blocks are then stored as they are. */
export function platformCompression(): AsyncCompression | undefined {
  const { CompressionStream, DecompressionStream } = globalThis as Platform;
  if (CompressionStream === undefined || DecompressionStream === undefined) return undefined;
  return {
    deflateRaw: async (bytes) => {
      const stream = await run(new CompressionStream("deflate-raw"), bytes, Number.POSITIVE_INFINITY);
      return stream ?? bytes;
    },
    inflateRaw: (stream, bytesMax) => run(new DecompressionStream("deflate-raw"), stream, bytesMax),
  };
}

/** What comes out; undefined when the stream breaks, or gives more than `bytesMax`: what is more is never made. */
async function run(
  { writable, readable }: Transform,
  bytes: Uint8Array,
  bytesMax: number,
): Promise<Uint8Array | undefined> {
  const writer = writable.getWriter();
  // A broken stream fails here and at the reader alike: the reader tells.
  const ignore = (): void => {};
  writer
    .write(bytes)
    .then(() => writer.close())
    .catch(ignore);
  const reader = readable.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done || value === undefined) return concatBytes(...chunks);
      length += value.length;
      if (length > bytesMax) {
        await reader.cancel().catch(ignore);
        return undefined;
      }
      chunks.push(value);
    }
  } catch {
    return undefined;
  }
}
