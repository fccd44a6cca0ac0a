/**
 * What the sandbox gives to an application: operations on containers, named by handles that are small integers.
 *
 * The collections of this package are thin handles over these operations; nothing else of the outside can be reached.
 * Handles 1 to n are the fields of the application's state in the order of their declaration; `child` and `peek` give
 * further ones, for the current call only. The sandbox checks every argument, so this face protects nobody: it is
 * internal to the package, and an application has no use for it. Where an operation takes a value, its form follows.
 */

/** The kinds of container, by the number that operations take. A number is for ever: the sandbox has the same table. */
export const CONTAINER_CODE = {
  register: 1,
  map: 2,
  counter: 3,
  set: 4,
  text: 5,
  "first-register": 6,
  "multi-register": 7,
  "grow-counter": 8,
  "remove-wins-set": 9,
  list: 10,
  log: 11,
  "user-entries": 12,
  "frozen-entries": 13,
  tree: 14,
  graph: 15,
  "remove-wins-graph": 16,
  records: 17,
} as const;
export type ContainerType = keyof typeof CONTAINER_CODE;

/** Source, target and label. */
type Edge = [string, string, string];
type Stretch = [text: string, marks: [name: string, value: unknown][]];
type Mark = [from: number, to: number, name: string, value: unknown];

export interface Host {
  child(map: number, key: string, type: number): number;
  /** 0 when there is none of that type, as of the other operations that open a container. */
  peek(map: number, key: string, type: number): number;
  mapGet(handle: number, key: string): unknown;
  mapSet(handle: number, key: string, value: unknown, form: number): void;
  mapDelete(handle: number, key: string): boolean;
  mapHas(handle: number, key: string): boolean;
  mapKeys(handle: number): string[];
  mapEntries(handle: number): [string, unknown][];
  mapSize(handle: number): number;

  registerGet(handle: number): unknown;
  registerSet(handle: number, value: unknown, form: number): void;
  registerClear(handle: number): void;
  firstGet(handle: number): unknown;
  firstSet(handle: number, value: unknown, form: number): boolean;
  multiValues(handle: number): unknown[];
  multiSet(handle: number, value: unknown, form: number): void;
  counterAdd(handle: number, by: number): void;
  counterValue(handle: number): number;
  setAdd(handle: number, value: unknown, form: number): boolean;
  setRemove(handle: number, value: unknown, form: number): boolean;
  setHas(handle: number, value: unknown, form: number): boolean;
  setValues(handle: number): unknown[];
  setSize(handle: number): number;

  textInsert(handle: number, at: number, text: string): void;
  textDelete(handle: number, at: number, count: number): void;
  textLength(handle: number): number;
  textSlice(handle: number, from: number, to: number): string;
  textToString(handle: number): string;
  textMark(handle: number, from: number, to: number, name: string, value: unknown, form: number, expand: string): void;
  textUnmark(handle: number, from: number, to: number, name: string, expand: string): void;
  textSpans(handle: number): Stretch[];
  textMarks(handle: number): Mark[];
  textAnchor(handle: number, at: number, side: string): Uint8Array;
  textIndexOf(handle: number, anchor: Uint8Array): number | undefined;

  listLength(handle: number): number;
  listGet(handle: number, index: number): unknown;
  listSlice(handle: number, from: number, to: number): unknown[];
  listPeek(handle: number, index: number, type: number): number;
  /** `values` is the JSON of an array. */
  listInsert(handle: number, index: number, values: string): void;
  listInsertChild(handle: number, index: number, type: number): number;
  listSet(handle: number, index: number, value: unknown, form: number): void;
  listDelete(handle: number, index: number, count: number): void;
  listMove(handle: number, from: number, to: number): void;
  listAnchor(handle: number, index: number, side: string): Uint8Array;
  listIndexOf(handle: number, anchor: Uint8Array): number | undefined;
  listIdAt(handle: number, index: number): string | undefined;
  listIndexOfId(handle: number, id: string): number | undefined;
  logAppend(handle: number, value: unknown, form: number): string;
  logSize(handle: number): number;
  logPage(handle: number, after: string | undefined, limit: number): [id: string, member: string, value: unknown][];

  userGet(handle: number, member: string): unknown;
  userSet(handle: number, value: unknown, form: number): void;
  userClear(handle: number): void;
  userSize(handle: number): number;
  userAll(handle: number): [member: string, value: unknown][];
  frozenPut(handle: number, value: unknown, form: number): string;
  frozenGet(handle: number, id: string): unknown;
  frozenHas(handle: number, id: string): boolean;
  frozenSize(handle: number): number;
  frozenEntries(handle: number): [id: string, value: unknown][];

  treeCreate(handle: number, parent: string, index: number | undefined, id: string | undefined): string;
  treeMove(handle: number, node: string, parent: string, index: number | undefined): void;
  treeRemove(handle: number, node: string): boolean;
  treeHas(handle: number, node: string): boolean;
  treeIsRemoved(handle: number, node: string): boolean;
  treeSize(handle: number): number;
  treeParent(handle: number, node: string): string | undefined;
  treeChildren(handle: number, parent: string): string[];
  treeChildCount(handle: number, parent: string): number;
  treeIndexOf(handle: number, node: string): number | undefined;
  treeAncestors(handle: number, node: string): string[];
  treeWalk(handle: number, from: string | undefined, after: string | undefined, limit: number): [string, number][];
  treeContents(handle: number): number;

  graphAddVertex(handle: number, id: string): boolean;
  graphRemoveVertex(handle: number, id: string): boolean;
  graphAddEdge(handle: number, source: string, target: string, label: string): boolean;
  graphRemoveEdge(handle: number, source: string, target: string, label: string): boolean;
  graphHas(handle: number, id: string): boolean;
  graphHasEdge(handle: number, source: string, target: string, label: string): boolean;
  graphVertices(handle: number): string[];
  graphEdges(handle: number): Edge[];
  graphOutgoing(handle: number, id: string): Edge[];
  graphIncoming(handle: number, id: string): Edge[];
  graphNeighbors(handle: number, id: string): string[];
  graphBreadthFirst(handle: number, start: string, limit: number): [string, number][];
  graphDepthFirst(handle: number, start: string, limit: number): [string, number][];
  graphShortestPath(handle: number, source: string, target: string): string[] | undefined;
  graphWouldCycle(handle: number, source: string, target: string): boolean;
  /** Whether the vertices could be sorted, and they or a cycle. */
  graphSort(handle: number): [boolean, string[]];
  graphComponents(handle: number): string[][];
  graphSources(handle: number): string[];
  graphSinks(handle: number): string[];
  graphContents(handle: number): number;
  graphEdgeKey(source: string, target: string, label: string): string;

  recordInsert(handle: number, id: string): void;
  recordDelete(handle: number, id: string): boolean;
  recordHas(handle: number, id: string): boolean;
  recordPage(handle: number, after: string | undefined, limit: number): string[];
  recordGet(handle: number, id: string, type: string, name: string): unknown;
  recordHasElement(handle: number, id: string, name: string, value: unknown, form: number, policy: string): boolean;
  recordSet(handle: number, id: string, name: string, value: unknown, form: number): void;
  recordClear(handle: number, id: string, name: string): void;
  recordSetFirst(handle: number, id: string, name: string, value: unknown, form: number): boolean;
  recordSetMulti(handle: number, id: string, name: string, value: unknown, form: number): void;
  recordAdd(handle: number, id: string, name: string, by: number): void;
  recordAddTo(handle: number, id: string, name: string, value: unknown, form: number, policy: string): void;
  recordRemoveFrom(handle: number, id: string, name: string, value: unknown, form: number, policy: string): void;
  recordChild(handle: number, id: string, name: string, type: number): number;
  recordPeek(handle: number, id: string, name: string, type: number): number;

  emit(kind: string, data: string, handler: string | undefined): void;
  log(message: string): void;
  random(): number;
  contextId(): string;
  /** The context whose call asked for this one. */
  calledFrom(): string | undefined;
  /** `data` is JSON. */
  presenceSet(data: string, ttlMs: number): void;
  presenceClear(): void;
  presenceList(): [publicKey: string, installation: string, data: unknown][];
  blobSize(blob: string): number | undefined;
  /** At most a mebibyte. */
  blobRead(blob: string, start: number, end: number): Uint8Array;
  blobText(blob: string, start: number, end: number): string;
  blobCreate(): number;
  blobAppend(handle: number, content: unknown, form: number): void;
  blobClose(handle: number): string;
  blobAnnounce(blob: string): void;
  /** `args` is JSON. */
  callContext(context: string, method: string, args: string): void;
  members(): [publicKey: string, role: string][];
}

declare global {
  /** Set by the sandbox before the application is loaded. */
  var __dunlin: Host | undefined;
}

const missing: Host = new Proxy({} as Host, {
  get: (_target, operation) => {
    throw new Error(`${String(operation)}: an application's state exists only while a node runs one of its methods`);
  },
});

export const host: Host = globalThis.__dunlin ?? missing;
