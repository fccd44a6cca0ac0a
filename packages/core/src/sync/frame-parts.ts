/** What frames are made of: ids, vectors, authors, digests, branches. Each reader refuses all but the canonical form. */
import {
  ACTOR_BYTES,
  compareBytes,
  type DeltaId,
  ID_BYTES,
  idKey,
  idKeyToBytes,
  type Reader,
  type Writer,
} from "../base/index.ts";
import type { VersionVector } from "../dag/index.ts";
import { BRANCHES } from "./divergence.ts";
import type { DigestEntry } from "./frames.ts";
import { PULL_PAGES_MAX, VECTOR_ACTORS_MAX } from "./limits.ts";

/** A channel, the heads and the flag. */
export const DIGEST_ENTRY_BYTES_MIN = 34;

export function writeIds(writer: Writer, ids: readonly DeltaId[]): Writer {
  writer.varint(ids.length);
  for (const id of [...ids].sort(compareBytes)) writer.raw(id);
  return writer;
}

export function readIds(reader: Reader, max: number): DeltaId[] {
  const ids = readMany(reader, max, ID_BYTES, () => reader.raw(ID_BYTES) as DeltaId);
  for (let i = 1; i < ids.length; i++) {
    if (compareBytes(ids[i - 1] as DeltaId, ids[i] as DeltaId) >= 0) reader.fail();
  }
  return ids;
}

export function writeVector(writer: Writer, vector: VersionVector): Writer {
  writer.varint(vector.size);
  for (const [actorKey, sequence] of [...vector].sort(([a], [b]) => (a < b ? -1 : 1))) {
    writer.raw(idKeyToBytes(actorKey)).varint(sequence);
  }
  return writer;
}

export function readVector(reader: Reader): VersionVector {
  const vector = new Map<string, number>();
  const count = reader.count(VECTOR_ACTORS_MAX, ACTOR_BYTES + 1);
  let before = "";
  for (let i = 0; i < count && !reader.failed; i++) {
    const actorKey = idKey(reader.raw(ACTOR_BYTES));
    if (i > 0 && actorKey <= before) reader.fail();
    vector.set(actorKey, reader.varint());
    before = actorKey;
  }
  return vector;
}

export function writeActors(writer: Writer, actors: readonly string[]): Writer {
  writer.varint(actors.length);
  for (const actor of [...actors].sort()) writer.raw(idKeyToBytes(actor));
  return writer;
}

export function readActors(reader: Reader, max: number): string[] {
  const actors = readMany(reader, max, ACTOR_BYTES, () => idKey(reader.raw(ACTOR_BYTES)));
  for (let i = 1; i < actors.length; i++) if ((actors[i - 1] as string) >= (actors[i] as string)) reader.fail();
  return actors;
}

export function writeDigest(writer: Writer, entries: readonly DigestEntry[]): Writer {
  writer.varint(entries.length);
  for (const { channel, heads, root } of entries) {
    writer
      .varint(channel)
      .raw(heads)
      .u8(root ? 1 : 0);
    if (root) writer.raw(root);
  }
  return writer;
}

export function readDigest(reader: Reader): DigestEntry {
  const [channel, heads] = [reader.varint(), reader.raw(ID_BYTES)];
  return { channel, heads, root: readFlag(reader, 1) === 1 ? reader.raw(ID_BYTES) : undefined };
}

export function writeBranches(writer: Writer, branches: readonly (Uint8Array | undefined)[]): Writer {
  writer.u8(branches.length);
  if (branches.length === 0) return writer;
  const bits = branches.reduce((all, hash, part) => (hash ? all | (1 << part) : all), 0);
  writer.u8(bits & 255).u8(bits >> 8);
  for (const hash of branches) if (hash) writer.raw(hash);
  return writer;
}

export function readBranches(reader: Reader): (Uint8Array | undefined)[] {
  const count = reader.u8();
  if (count !== 0 && count !== BRANCHES) reader.fail();
  if (count !== BRANCHES) return [];
  const bits = reader.u8() | (reader.u8() << 8);
  return Array.from({ length: BRANCHES }, (_, part) => ((bits >> part) & 1 ? reader.raw(ID_BYTES) : undefined));
}

export function readPages(reader: Reader): number {
  const pages = reader.u8();
  if (pages < 1 || pages > PULL_PAGES_MAX) reader.fail();
  return pages;
}

export function readMany<T>(reader: Reader, max: number, bytesEach: number, read: () => T): T[] {
  const items: T[] = [];
  const count = reader.count(max, bytesEach);
  for (let i = 0; i < count && !reader.failed; i++) items.push(read());
  return items;
}

export function readFlag(reader: Reader, max: number): number {
  const flag = reader.u8();
  if (flag > max) reader.fail();
  return flag;
}
