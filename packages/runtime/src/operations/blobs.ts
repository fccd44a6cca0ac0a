/** Blobs: read by range, written piece by piece, and given to the context. */
import { type BlobId, blobId, ID_BYTES, idToText, textToId, utf8 } from "@dunlin/core/base";
import { CallAbort, GuestFault } from "../call.ts";
import type { Frame } from "../frame.ts";
import { HOST_STRING_BYTES_MAX, KEY_BYTES_MAX } from "../limits.ts";
import { makes, type Operation, reads, writes } from "./operation.ts";

/** What is cut within a letter, or is no text, is replaced. */
const lossy = new TextDecoder();

export const BLOB_OPERATIONS: readonly Operation[] = [
  reads("blobSize", (f) => f.world.blobs.size(id(f, 0))),
  reads("blobRead", (f) => range(f).slice()),
  reads("blobText", (f) => lossy.decode(range(f))),
  makes("blobCreate", (f) => f.world.blobs.create()),
  writes("blobAppend", (f) => {
    const content = f.value(1);
    const bytes = typeof content === "string" ? utf8(content) : content;
    if (!(bytes instanceof Uint8Array)) throw new GuestFault("VALUE_INVALID", "a blob is of bytes or text");
    if (!f.world.blobs.append(f.number(0), bytes.slice()))
      throw new CallAbort("LIMIT_EXCEEDED", "more bytes of blobs than a call may write, or to none that was created");
  }),
  makes("blobClose", (f) => {
    const blob = f.world.blobs.close(f.number(0));
    if (blob === undefined) throw new GuestFault("HANDLE_INVALID", "a blob of another call");
    return idToText(blob);
  }),
  writes("blobAnnounce", (f) => {
    if (!f.world.blobs.announce(id(f, 0))) throw notHere();
  }),
];

/** The bytes of a range: the blob, and from where to before where. */
function range(frame: Frame): Uint8Array {
  const { blobs } = frame.world;
  const blob = id(frame, 0);
  const size = blobs.size(blob);
  if (size === undefined) throw notHere();
  const start = Math.max(0, Math.min(frame.number(1), size));
  return blobs.read(blob, start, Math.max(start, Math.min(frame.number(2), size, start + HOST_STRING_BYTES_MAX)));
}

function id(frame: Frame, index: number): BlobId {
  const bytes = textToId(frame.string(index, KEY_BYTES_MAX));
  if (bytes?.length !== ID_BYTES) throw new GuestFault("BLOB_INVALID", "not the id of a blob");
  return blobId(bytes);
}

function notHere(): GuestFault {
  return new GuestFault("BLOB_NOT_FOUND", "there is no such blob here, nor with a member who is connected");
}
