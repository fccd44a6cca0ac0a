/**
 * The frames that two nodes exchange. Each begins with a kind byte; a channel is the sender's own small number of a
 * context, fixed by its `prove`. All canonical; anything else is malformed and costs the peer its connection.
 *
 *   1 hello     u8 version ‖ nonce 32
 *   2 offer     varint n ‖ n tags of 32
 *   3 prove     tag 32 ‖ varint channel ‖ member 32 ‖ signature 64
 *   4 state     varint channel ‖ ids heads ‖ vector, of what is flushed
 *   5 pull      varint channel ‖ ids wanted ‖ u8 1 vector | u8 0 ‖ u8 pages, 1 to 4
 *   6 deltas    varint channel ‖ u8 flags (1 answers a pull, 2 more is there, 4 last page of its answer, and always
 *               set on one that answers none) ‖ varint n ‖ n times bytes delta
 *   7 ack       varint channel ‖ vector of what is flushed
 *   8 redeem    bytes invitation ‖ member 32 ‖ signature 64 by the member ‖ bytes (0 or 64): by the bearer's key
 *   9 redeemed  context 32 ‖ string code, empty when all is well ‖ redeemer's member key 32 ‖ bytes keys sealed to the
 *               new member, `replica/sealing/key-ring.ts`
 *  10 peers     varint channel ‖ varint n ‖ n times (string peer id ‖ varint m ‖ m strings: its addresses)
 *  11 have      varint channel ‖ vector of what is admitted, of some actors
 *  12 route     varint channel ‖ u8 1 send me new deltas of these actors | 0 leave them out ‖ varint n ‖ n actors of 16,
 *               ascending
 *  13 digest    varint n ‖ n times (varint channel ‖ heads 32 ‖ u8 1 root 32 | u8 0)
 *  14 ranges    varint channel ‖ claims: what the sender holds in ranges, see `ranges/range-frames.ts`
 *  15 parts     varint channel ‖ ids ‖ claims: those ranges that differ, as ids or in parts
 *  16 blob      varint channel ‖ bytes: what is said of a blob of the context, see `blobs/blob-frames.ts`
 *  17 branches  varint channel ‖ heads 32 ‖ u8 0 | u8 16 ‖ u8 bits of 0 to 7 ‖ u8 bits of 8 to 15 ‖ a hash of 32 for
 *               each bit: of the parts of the state that these heads have
 *  18 receipts  varint channel ‖ the sender's actor 16 ‖ varint m ‖ m actors of 16, ascending: installations whose
 *               acknowledgements it gets from themselves ‖ varint n ‖ n times bytes acknowledgement, see
 *               `replica/receipts/acknowledgement.ts`
 *  19 presence  varint channel ‖ varint n ‖ n times (varint milliseconds left ‖ bytes entry, see
 *               `presence/presence-entry.ts`)
 *  20 snapshot  varint channel ‖ bytes: what is said of a checkpoint's state, see `snapshot/snapshot-frames.ts`
 *
 *   ids: varint n ‖ n of 32, strictly ascending;  vector: varint n ‖ n times (actor 16, varint sequence), ascending
 */

import { INVITATION_BYTES_MAX } from "../access/index.ts";
import { type DeltaId, ID_BYTES, type PublicKey, Reader, Writer } from "../base/index.ts";
import { type BlobFrame, decodeBlobFrame, encodeBlobFrame } from "../blobs/index.ts";
import { DELTA_BYTES_MAX, SIGNATURE_BYTES, type VersionVector } from "../dag/index.ts";
import { readPresence, readReceipts, writePresence, writeReceipts } from "./beside-frames.ts";
import {
  DIGEST_ENTRY_BYTES_MIN,
  readActors,
  readBranches,
  readDigest,
  readFlag,
  readIds,
  readMany,
  readPages,
  readVector,
  writeActors,
  writeBranches,
  writeDigest,
  writeIds,
  writeVector,
} from "./frame-parts.ts";
import {
  ADDRESS_BYTES_MAX,
  ADDRESSES_PER_PEER_MAX,
  CODE_BYTES_MAX,
  DELTAS_PER_FRAME_MAX,
  DIGEST_ENTRIES_MAX,
  FRAME_BYTES_MAX,
  OFFER_TAGS_MAX,
  PEERS_TOLD_MAX,
  PULL_WANTED_MAX,
  RANGE_IDS_MAX,
  RANGES_PER_FRAME_MAX,
  ROUTE_ACTORS_MAX,
  STATE_HEADS_MAX,
} from "./limits.ts";
import type { SentPresence } from "./presence/presence.ts";
import { RANGE_CLAIMS_MAX, readClaims, writeClaims } from "./ranges/range-frames.ts";
import type { RangeClaim } from "./ranges/reconcile.ts";
import type { RouteChange } from "./routes.ts";
import { decodeSnapshotSaid, encodeSnapshotSaid, type SnapshotSaid } from "./snapshot/snapshot-frames.ts";

export const PROTOCOL_VERSION = 1;
export const HELLO_NONCE_BYTES = 32;

export interface RedeemedFrame {
  readonly kind: "redeemed";
  readonly context: Uint8Array;
  readonly code: string;
  /** The member whose node answers. */
  readonly redeemer: Uint8Array;
  readonly keys: Uint8Array;
}

export type Frame =
  | { readonly kind: "hello"; readonly version: number; readonly nonce: Uint8Array }
  | { readonly kind: "offer"; readonly tags: readonly Uint8Array[] }
  | {
      readonly kind: "prove";
      readonly tag: Uint8Array;
      readonly channel: number;
      readonly member: PublicKey;
      readonly signature: Uint8Array;
    }
  | StateFrame
  | {
      readonly kind: "pull";
      readonly channel: number;
      readonly wanted: readonly DeltaId[];
      /** Everything beyond it is asked for; without one, the wanted ids only. */
      readonly vector: VersionVector | undefined;
      /** Frames that the answer may have. */
      readonly pages: number;
    }
  | DeltasFrame
  | { readonly kind: "ack"; readonly channel: number; readonly vector: VersionVector }
  | RedeemFrame
  | RedeemedFrame
  | { readonly kind: "peers"; readonly channel: number; readonly peers: readonly PeerAddresses[] }
  | { readonly kind: "have"; readonly channel: number; readonly vector: VersionVector }
  | {
      readonly kind: "route";
      readonly channel: number;
      readonly change: RouteChange;
      readonly actors: readonly string[];
    }
  | { readonly kind: "ranges"; readonly channel: number; readonly claims: readonly RangeClaim[] }
  | {
      readonly kind: "parts";
      readonly channel: number;
      readonly ids: readonly DeltaId[];
      readonly parts: readonly RangeClaim[];
    }
  | { readonly kind: "blob"; readonly channel: number; readonly blob: BlobFrame }
  | { readonly kind: "snapshot"; readonly channel: number; readonly said: SnapshotSaid }
  | {
      readonly kind: "branches";
      readonly channel: number;
      readonly heads: Uint8Array;
      readonly branches: readonly (Uint8Array | undefined)[];
    }
  | {
      readonly kind: "receipts";
      readonly channel: number;
      readonly actor: string;
      /** Installations that the sender is not to be told of. */
      readonly heard: readonly string[];
      readonly acknowledgements: readonly Uint8Array[];
    }
  | { readonly kind: "presence"; readonly channel: number; readonly entries: readonly SentPresence[] }
  | { readonly kind: "digest"; readonly entries: readonly DigestEntry[] };

/** What a session takes in itself. */
export type SessionFrame = Exclude<Extract<Frame, { readonly channel: number }>, { readonly kind: Elsewhere }>;
type Elsewhere = "prove" | "blob" | "snapshot";

export interface RedeemFrame {
  readonly kind: "redeem";
  readonly invitation: Uint8Array;
  /** Who asks to be added. */
  readonly member: Uint8Array;
  readonly signature: Uint8Array;
  /** By the bearer's key; empty when the invitation names its member. */
  readonly bearerSignature: Uint8Array;
}

/** How a member's node is reached. */
export interface PeerAddresses {
  readonly peer: string;
  readonly addresses: readonly string[];
}

export interface StateFrame {
  readonly kind: "state";
  readonly channel: number;
  readonly heads: readonly DeltaId[];
  readonly vector: VersionVector;
}

/** One context in the periodic message of a pair of nodes. */
export interface DigestEntry {
  readonly channel: number;
  /** Of the flushed heads. */
  readonly heads: Uint8Array;
  readonly root: Uint8Array | undefined;
}

export interface DeltasFrame {
  readonly kind: "deltas";
  readonly channel: number;
  readonly answer: boolean;
  /** The sender holds more that was asked for. */
  readonly more: boolean;
  /** No further page of the same answer follows. */
  readonly last: boolean;
  readonly deltas: readonly Uint8Array[];
}

export function encodeFrame(frame: Frame): Uint8Array {
  const writer = new Writer(256);
  switch (frame.kind) {
    case "hello":
      return writer.u8(1).u8(frame.version).raw(frame.nonce).toBytes();
    case "offer":
      writer.u8(2).varint(frame.tags.length);
      for (const tag of frame.tags) writer.raw(tag);
      return writer.toBytes();
    case "prove":
      writer.u8(3).raw(frame.tag).varint(frame.channel);
      return writer.raw(frame.member).raw(frame.signature).toBytes();
    case "state":
      writeIds(writer.u8(4).varint(frame.channel), frame.heads);
      return writeVector(writer, frame.vector).toBytes();
    case "pull":
      writeIds(writer.u8(5).varint(frame.channel), frame.wanted).u8(frame.vector ? 1 : 0);
      return (frame.vector ? writeVector(writer, frame.vector) : writer).u8(frame.pages).toBytes();
    case "deltas":
      writer.u8(6).varint(frame.channel);
      writer.u8((frame.answer ? 1 : 0) | (frame.more ? 2 : 0) | (frame.last ? 4 : 0)).varint(frame.deltas.length);
      for (const delta of frame.deltas) writer.bytes(delta);
      return writer.toBytes();
    case "ack":
      return writeVector(writer.u8(7).varint(frame.channel), frame.vector).toBytes();
    case "redeem":
      return writeRedeem(writer.u8(8), frame).toBytes();
    case "redeemed":
      return writer.u8(9).raw(frame.context).string(frame.code).raw(frame.redeemer).bytes(frame.keys).toBytes();
    case "peers":
      return writePeers(writer.u8(10).varint(frame.channel), frame.peers).toBytes();
    case "have":
      return writeVector(writer.u8(11).varint(frame.channel), frame.vector).toBytes();
    case "route":
      writer
        .u8(12)
        .varint(frame.channel)
        .u8(frame.change === "accept" ? 1 : 0);
      return writeActors(writer, frame.actors).toBytes();
    case "digest":
      return writeDigest(writer.u8(13), frame.entries).toBytes();
    case "branches":
      return writeBranches(writer.u8(17).varint(frame.channel).raw(frame.heads), frame.branches).toBytes();
    case "receipts":
      return writeReceipts(writer.u8(18).varint(frame.channel), frame).toBytes();
    case "presence":
      return writePresence(writer.u8(19).varint(frame.channel), frame.entries).toBytes();
    case "ranges":
      return writeClaims(writer.u8(14).varint(frame.channel), frame.claims).toBytes();
    case "parts":
      writeIds(writer.u8(15).varint(frame.channel), frame.ids);
      return writeClaims(writer, frame.parts).toBytes();
    case "blob":
      return writer.u8(16).varint(frame.channel).bytes(encodeBlobFrame(frame.blob)).toBytes();
    case "snapshot":
      return writer.u8(20).varint(frame.channel).bytes(encodeSnapshotSaid(frame.said)).toBytes();
  }
}

/** The frame, or undefined when the bytes are not the canonical encoding of one. Mostly views into `bytes`. */
export function decodeFrame(bytes: Uint8Array): Frame | undefined {
  if (bytes.length > FRAME_BYTES_MAX) return undefined;
  const reader = new Reader(bytes);
  const frame = READERS[reader.u8()]?.(reader);
  return frame && reader.finish() ? frame : undefined;
}

const READERS: readonly (((reader: Reader) => Frame | undefined) | undefined)[] = [
  undefined,
  (reader) => ({ kind: "hello", version: reader.u8(), nonce: reader.raw(HELLO_NONCE_BYTES) }),
  (reader) => ({ kind: "offer", tags: readMany(reader, OFFER_TAGS_MAX, ID_BYTES, () => reader.raw(ID_BYTES)) }),
  (reader) => ({
    kind: "prove",
    tag: reader.raw(ID_BYTES),
    channel: reader.varint(),
    member: reader.raw(ID_BYTES) as PublicKey,
    signature: reader.raw(SIGNATURE_BYTES),
  }),
  (reader) => ({
    kind: "state",
    channel: reader.varint(),
    heads: readIds(reader, STATE_HEADS_MAX),
    vector: readVector(reader),
  }),
  (reader) => ({
    kind: "pull",
    channel: reader.varint(),
    wanted: readIds(reader, PULL_WANTED_MAX),
    vector: readFlag(reader, 1) === 1 ? readVector(reader) : undefined,
    pages: readPages(reader),
  }),
  (reader) => {
    const channel = reader.varint();
    const flags = readFlag(reader, 7);
    const [answer, more, last] = [(flags & 1) !== 0, (flags & 2) !== 0, (flags & 4) !== 0];
    if (!answer && (more || !last)) reader.fail();
    const deltas = readMany(reader, DELTAS_PER_FRAME_MAX, 1, () => reader.bytes(DELTA_BYTES_MAX));
    return { kind: "deltas", channel, answer, more, last, deltas };
  },
  (reader) => ({ kind: "ack", channel: reader.varint(), vector: readVector(reader) }),
  readRedeem,
  (reader) => ({
    kind: "redeemed",
    context: reader.raw(ID_BYTES),
    code: reader.string(CODE_BYTES_MAX),
    redeemer: reader.raw(ID_BYTES),
    keys: reader.bytes(FRAME_BYTES_MAX),
  }),
  (reader) => ({
    kind: "peers",
    channel: reader.varint(),
    peers: readMany(reader, PEERS_TOLD_MAX, 2, () => ({
      peer: reader.string(ADDRESS_BYTES_MAX),
      addresses: readMany(reader, ADDRESSES_PER_PEER_MAX, 1, () => reader.string(ADDRESS_BYTES_MAX)),
    })),
  }),
  (reader) => ({ kind: "have", channel: reader.varint(), vector: readVector(reader) }),
  (reader) => ({
    kind: "route",
    channel: reader.varint(),
    change: readFlag(reader, 1) === 1 ? "accept" : "decline",
    actors: readActors(reader, ROUTE_ACTORS_MAX),
  }),
  (reader) => ({
    kind: "digest",
    entries: readMany(reader, DIGEST_ENTRIES_MAX, DIGEST_ENTRY_BYTES_MIN, () => readDigest(reader)),
  }),
  (reader) => ({ kind: "ranges", channel: reader.varint(), claims: readClaims(reader, RANGES_PER_FRAME_MAX) }),
  (reader) => ({
    kind: "parts",
    channel: reader.varint(),
    ids: readIds(reader, RANGES_PER_FRAME_MAX * RANGE_IDS_MAX),
    parts: readClaims(reader, RANGE_CLAIMS_MAX),
  }),
  readBlob,
  (reader) => ({
    kind: "branches",
    channel: reader.varint(),
    heads: reader.raw(ID_BYTES),
    branches: readBranches(reader),
  }),
  readReceipts,
  readPresence,
  readSnapshot,
];

function readSnapshot(reader: Reader): Frame | undefined {
  const channel = reader.varint();
  const said = decodeSnapshotSaid(reader.bytes(FRAME_BYTES_MAX));
  return said && { kind: "snapshot", channel, said };
}

function readBlob(reader: Reader): Frame | undefined {
  const channel = reader.varint();
  const blob = decodeBlobFrame(reader.bytes(FRAME_BYTES_MAX));
  return blob && { kind: "blob", channel, blob };
}

function writeRedeem(writer: Writer, frame: RedeemFrame): Writer {
  return writer.bytes(frame.invitation).raw(frame.member).raw(frame.signature).bytes(frame.bearerSignature);
}

function readRedeem(reader: Reader): RedeemFrame {
  const invitation = reader.bytes(INVITATION_BYTES_MAX);
  const [member, signature] = [reader.raw(ID_BYTES), reader.raw(SIGNATURE_BYTES)];
  const bearerSignature = reader.bytes(SIGNATURE_BYTES);
  if (bearerSignature.length % SIGNATURE_BYTES !== 0) reader.fail();
  return { kind: "redeem", invitation, member, signature, bearerSignature };
}

function writePeers(writer: Writer, peers: readonly PeerAddresses[]): Writer {
  writer.varint(peers.length);
  for (const { peer, addresses } of peers) {
    writer.string(peer).varint(addresses.length);
    for (const address of addresses) writer.string(address);
  }
  return writer;
}
