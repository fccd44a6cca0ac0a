/**
 * A joins blob: what one call changed, as joins of cells without stamp or author (those are the delta's).
 *
 *   version (1) | count (varint) | count containers
 *   container    type tag (1) | 0x80 when named by id | field name (string) or id (32) | joins of that type
 *
 * Root containers go by their field name, nested ones by id. Within a container each type has a layout of its own, see
 * the files beside this one. A blob is a list of joins: its order has no meaning, and since joins are idempotent the
 * same cell twice is legal; whoever encodes writes every cell once. Refused as a whole: anything malformed, and what
 * exceeds the limits.
 */
import { type ContainerId, containerId, ID_BYTES, Reader, Writer } from "../../base/index.ts";
import { CONTAINER_TAGS, type ContainerType, tagToContainerType } from "../container-type.ts";
import { FIELD_NAME_BYTES_MAX, JOIN_CONTAINERS_MAX, JOINS_BYTES_MAX } from "../limits.ts";
import * as tree from "../move-tree/tree-joins.ts";
import type { Intern } from "../origin.ts";
import * as records from "../records/records-joins.ts";
import * as counter from "./counter-joins.ts";
import * as firstRegister from "./first-register-joins.ts";
import * as frozenEntries from "./frozen-entries-joins.ts";
import * as growCounter from "./grow-counter-joins.ts";
import * as list from "./list-joins.ts";
import * as map from "./map-joins.ts";
import * as multiRegister from "./multi-register-joins.ts";
import * as register from "./register-joins.ts";
import * as removeWins from "./remove-wins-joins.ts";
import * as set from "./set-joins.ts";
import * as text from "./text-joins.ts";
import * as userEntries from "./user-entries-joins.ts";

/** A root container by its field name, a nested one by its id. */
export type ContainerName = string | ContainerId;

export interface JoinsByType {
  register: register.RegisterJoins;
  map: map.MapJoins;
  counter: counter.CounterJoins;
  set: set.SetJoins;
  text: text.TextJoins;
  records: records.RecordsJoins;
  "first-register": firstRegister.FirstRegisterJoins;
  "multi-register": multiRegister.MultiRegisterJoins;
  "remove-wins-set": removeWins.RemoveWinsJoins;
  "grow-counter": growCounter.GrowCounterJoins;
  "user-entries": userEntries.UserEntriesJoins;
  "frozen-entries": frozenEntries.FrozenEntriesJoins;
  tree: tree.TreeJoins;
  list: list.ListJoins;
}

export type ContainerJoins = {
  readonly [T in ContainerType]: { readonly type: T; readonly name: ContainerName; readonly joins: JoinsByType[T] };
}[ContainerType];

const VERSION = 1;
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
    const { name } = container;
    const tag = CONTAINER_TAGS[container.type];
    if (typeof name === "string") writer.u8(tag).string(name);
    else writer.u8(tag | BY_ID).raw(name);
    writeJoins(writer, container);
  }
  const bytes = writer.toBytes();
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
    const type = tagToContainerType(tag & ~BY_ID);
    const name = tag < BY_ID ? reader.string(FIELD_NAME_BYTES_MAX) : reader.raw(ID_BYTES).slice();
    if (type === undefined || reader.failed) return undefined;
    containers[i] = readJoins(reader, type, typeof name === "string" ? name : containerId(name), intern, budget);
  }
  return reader.finish() ? containers : undefined;
}

function writeJoins(writer: Writer, container: ContainerJoins): void {
  switch (container.type) {
    case "register":
      register.write(writer, container.joins);
      break;
    case "map":
      map.write(writer, container.joins);
      break;
    case "counter":
      counter.write(writer, container.joins);
      break;
    case "set":
      set.write(writer, container.joins);
      break;
    case "text":
      text.write(writer, container.joins);
      break;
    case "records":
      records.write(writer, container.joins);
      break;
    case "first-register":
      firstRegister.write(writer, container.joins);
      break;
    case "multi-register":
      multiRegister.write(writer, container.joins);
      break;
    case "remove-wins-set":
      removeWins.write(writer, container.joins);
      break;
    case "grow-counter":
      growCounter.write(writer, container.joins);
      break;
    case "user-entries":
      userEntries.write(writer, container.joins);
      break;
    case "frozen-entries":
      frozenEntries.write(writer, container.joins);
      break;
    case "tree":
      tree.write(writer, container.joins);
      break;
    case "list":
      list.write(writer, container.joins);
      break;
  }
}

function readJoins(
  reader: Reader,
  type: ContainerType,
  name: ContainerName,
  intern: Intern,
  budget: { joins: number },
): ContainerJoins {
  switch (type) {
    case "register":
      return { type, name, joins: register.read(reader, intern) };
    case "map":
      return { type, name, joins: map.read(reader, intern, budget) };
    case "counter":
      return { type, name, joins: counter.read(reader) };
    case "set":
      return { type, name, joins: set.read(reader, intern, budget) };
    case "text":
      return { type, name, joins: text.read(reader) };
    case "records":
      return { type, name, joins: records.read(reader, intern, budget) };
    case "first-register":
      return { type, name, joins: firstRegister.read(reader) };
    case "multi-register":
      return { type, name, joins: multiRegister.read(reader, intern, budget) };
    case "remove-wins-set":
      return { type, name, joins: removeWins.read(reader, intern, budget) };
    case "grow-counter":
      return { type, name, joins: growCounter.read(reader) };
    case "user-entries":
      return { type, name, joins: userEntries.read(reader, intern) };
    case "frozen-entries":
      return { type, name, joins: frozenEntries.read(reader, budget) };
    case "tree":
      return { type, name, joins: tree.read(reader, budget) };
    case "list":
      return { type, name, joins: list.read(reader, intern, budget) };
  }
}
