/**
 * A joins blob: what one call changed, as joins of cells without stamp or author (those are the delta's).
 *
 *   version (1) | count (varint) | count containers
 *   container    type tag (1) | 0x40 when of a branch | 0x80 when named by id | [branch (32)]
 *                | field name (string) or id (32) | joins of that type
 *
 * Root containers go by their field name, nested ones by id. Within a container each type has a layout of its own, see
 * the files beside this one. A blob is a list of joins: its order has no meaning, and since joins are idempotent the
 * same cell twice is legal; whoever encodes writes every cell once. Joins of a branch are issued again for a forked actor
 * (`../reissue/branch-actor.ts`). Refused as a whole: anything malformed, records of a branch, and what exceeds the
 * limits.
 */
import { type ContainerId, containerId, ID_BYTES, Reader, Writer } from "../../base/index.ts";
import { CONTAINER_TAGS, type ContainerType, tagToContainerType } from "../container-type.ts";
import { FIELD_NAME_BYTES_MAX, JOIN_CONTAINERS_MAX, JOINS_BYTES_MAX } from "../limits.ts";
import type { Intern } from "../origin.ts";
import type { JoinBudget } from "../records/fields/field-kind.ts";
import type { PartByType } from "../types/container-types.ts";
import { DEFINITIONS } from "../types/definitions.ts";

/** A root container by its field name, a nested one by its id. */
export type ContainerName = string | ContainerId;

/** Of one type, or of any. */
export type ContainerJoins<A extends ContainerType = ContainerType> = {
  readonly [T in A]: {
    readonly type: T;
    readonly name: ContainerName;
    readonly joins: PartByType<"joins">[T];
    /** The id of the first delta of the branch as whose the joins count; undefined when as the delta's actor's. */
    readonly branch?: Uint8Array | undefined;
  };
}[A];

const VERSION = 1;
const OF_BRANCH = 0x40;
const BY_ID = 0x80;
const BYTES_PER_CONTAINER_MIN = 3;
/** Reused for blobs of common size; a large one does not stay allocated. */
const SCRATCH_BYTES_KEPT = 65_536;
let scratch = new Writer();

export function encodeJoins(containers: readonly ContainerJoins[]): Uint8Array {
  const writer = scratch;
  writer.reset();
  writer.u8(VERSION).varint(containers.length);
  for (const container of containers) {
    const { name, branch } = container;
    const isById = typeof name !== "string";
    writer.u8(CONTAINER_TAGS[container.type] | (branch ? OF_BRANCH : 0) | (isById ? BY_ID : 0));
    if (branch) writer.raw(branch);
    if (isById) writer.raw(name);
    else writer.string(name);
    writeJoins(writer, container);
  }
  const bytes = writer.toPacked();
  if (bytes.length > SCRATCH_BYTES_KEPT) scratch = new Writer();
  return bytes;
}

/** Undefined when the bytes are not a canonical blob. The result holds copies, never views of the input. */
export function decodeJoins(bytes: Uint8Array, intern: Intern): ContainerJoins[] | undefined {
  if (bytes.length > JOINS_BYTES_MAX) return undefined;
  const reader = new Reader(bytes);
  if (reader.u8() !== VERSION) return undefined;
  const count = reader.count(JOIN_CONTAINERS_MAX, BYTES_PER_CONTAINER_MIN);
  if (count === 0) reader.fail();
  const containers = new Array<ContainerJoins>(count);
  const budget = { joins: 0 };
  for (let i = 0; i < count && !reader.failed; i++) {
    const tag = reader.u8();
    const type = tagToContainerType(tag & ~(OF_BRANCH | BY_ID));
    const branch = tag & OF_BRANCH ? reader.raw(ID_BYTES).slice() : undefined;
    if (branch && type === "records") reader.fail();
    const name = tag < BY_ID ? reader.string(FIELD_NAME_BYTES_MAX) : reader.raw(ID_BYTES).slice();
    if (type === undefined || reader.failed) return undefined;
    const joins = readJoins(reader, type, typeof name === "string" ? name : containerId(name), intern, budget);
    containers[i] = branch ? { ...joins, branch } : joins;
  }
  return reader.finish() ? containers : undefined;
}

function writeJoins<T extends ContainerType>(writer: Writer, { type, joins }: ContainerJoins<T>): void {
  DEFINITIONS[type].write(writer, joins);
}

function readJoins<T extends ContainerType>(
  reader: Reader,
  type: T,
  name: ContainerName,
  intern: Intern,
  budget: JoinBudget,
): ContainerJoins<T> {
  return { type, name, joins: DEFINITIONS[type].read(reader, intern, budget) };
}
