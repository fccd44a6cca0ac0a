/** The exact work behind each figure: ours, and the plain port's. One line of the guide is one entry here. */
import type { Work } from "../measure.ts";
import {
  countInLoop,
  createRegisters,
  fillCounter,
  fillMap,
  getDocuments,
  incrementCounter,
  insertIntoMap,
  mergeRegisters,
  REFERENCE_NAME,
  setDocuments,
} from "../reference/plain-work.ts";
import type { Target } from "../row.ts";
import {
  createRegisterCells,
  fillDocumentCounter,
  fillDocumentMap,
  getFromDocumentMap,
  incrementDocumentCounter,
  insertIntoDocumentMap,
  mergeRegisterCells,
} from "../subject.ts";
import type { Comparison } from "../suite.ts";
import { FIGURES } from "./figures.ts";
import { toDocumentValue } from "./rows.ts";

interface Exact {
  readonly ours: (count: number) => Work;
  readonly plain: (count: number) => Work;
  /** Functions of `subject.ts` and of `reference/plain-work.ts`, which a test looks for there. */
  readonly work: string;
  readonly note?: string;
}

const CREATE: Exact = {
  ours: createRegisterCells,
  plain: createRegisters,
  work: "createRegisterCells, createRegisters",
};
const MERGE: Exact = {
  ours: mergeRegisterCells,
  plain: mergeRegisters,
  work: "mergeRegisterCells, mergeRegisters",
};
const INCREMENT: Exact = {
  ours: incrementDocumentCounter,
  plain: incrementCounter,
  work: "incrementDocumentCounter, incrementCounter",
};
const INSERT: Exact = {
  ours: insertIntoDocumentMap,
  plain: insertIntoMap,
  work: "insertIntoDocumentMap, insertIntoMap",
};
const GET_LOOP: Exact = {
  ours: countInLoop,
  plain: countInLoop,
  work: "countInLoop",
  note: "the original is an empty loop, and so is this row: see `collection get`, the work of its name",
};
const SET: Exact = {
  ours: (count) => fillDocumentMap(count, toDocumentValue),
  plain: setDocuments,
  work: "fillDocumentMap, setDocuments",
  note: "the original fills a hash map and touches no storage: see `storage set`, the work of its name",
};
const GET: Exact = {
  ours: (count) => getFromDocumentMap(count, toDocumentValue),
  plain: getDocuments,
  work: "getFromDocumentMap, getDocuments",
  note: "the original looks up a hash map: see `storage get`, the work of its name",
};

const MEMORY_NOTE = "the original measures time, not memory: see the suite `memory`";

const GROUPS: { readonly [group: string]: Exact } = {
  "lww_register_creation/create": CREATE,
  "lww_register_merge/merge": MERGE,
  "gcounter_operations/increment": INCREMENT,
  "lww_map_operations/insert_operations": INSERT,
  "collection_operations/get": GET_LOOP,
  "storage_operations/set": SET,
  "storage_operations/get": GET,
};

/** Figures without a size in their id. */
const SINGLE: { readonly [id: string]: Exact & { readonly count: number } } = {
  "memory_usage/lww_register_memory": { ...CREATE, count: 1, note: MEMORY_NOTE },
  "memory_usage/lww_map_memory": {
    ours: fillDocumentMap,
    plain: fillMap,
    work: "fillDocumentMap, fillMap",
    count: 100,
    note: MEMORY_NOTE,
  },
  "memory_usage/gcounter_memory": {
    ours: fillDocumentCounter,
    plain: fillCounter,
    work: "fillDocumentCounter, fillCounter",
    count: 100,
    note: MEMORY_NOTE,
  },
};

/** The design's goal: no slower than the plain port, for the sizes that it names. */
const TARGETS: { readonly [id: string]: Target } = {
  "lww_register_creation/create/1000": { atMost: 1 },
  "lww_register_merge/merge/1000": { atMost: 1 },
  "gcounter_operations/increment/10000": { atMost: 1 },
  "lww_map_operations/insert_operations/10000": { atMost: 1 },
};

export function exactComparisons(): readonly Comparison[] {
  return FIGURES.map(([id, guide, native]) => {
    const { ours, plain, work, note, count } = exactOf(id);
    const target = TARGETS[id];
    return {
      name: id,
      subject: ours(count),
      reference: plain(count),
      referenceName: REFERENCE_NAME,
      quoted: { guide, native },
      work,
      ...(note === undefined ? {} : { note }),
      ...(target === undefined ? {} : { target }),
    };
  });
}

function exactOf(id: string): Exact & { readonly count: number } {
  const single = SINGLE[id];
  if (single) return single;
  const at = id.lastIndexOf("/");
  const exact = GROUPS[id.slice(0, at)];
  const count = Number(id.slice(at + 1));
  if (!exact || !Number.isSafeInteger(count)) throw new Error(`no work is known for ${id}`);
  return { ...exact, count };
}
