/**
 * One map of texts in each library, behind one shape:
 *
 *   create()             a replica; all replicas of a library start from one state
 *   write(doc, entries)  sets all entries as one change, and gives it as bytes for the wire
 *   apply(doc, change)   takes in another replica's change
 *   read(doc)            the map as a plain object
 *   save(doc), load      the whole state as bytes, or pages of bytes, and back
 *
 * Nothing is signed. Ours is the document alone, as the others are: without deltas, access or a store.
 */
import * as Automerge from "@automerge/automerge";
import { Model, Patch } from "json-joy/lib/json-crdt/index.js";
import { LoroDoc } from "loro-crdt";
import { nextStamp } from "../../packages/core/dist/base/index.js";
import { Document } from "../../packages/core/dist/crdt/index.js";
import { yjsChange, yjsReplica } from "./yjs.mjs";

const plain = {
  name: "Map and JSON",
  create: () => new Map(),
  write: (map, entries) => {
    for (const [key, value] of entries) map.set(key, value);
    return JSON.stringify(entries);
  },
  apply: (map, change) => {
    for (const [key, value] of JSON.parse(change)) map.set(key, value);
  },
  read: (map) => Object.fromEntries(map),
  save: (map) => JSON.stringify([...map]),
  load: (bytes) => new Map(JSON.parse(bytes)),
};

let replicas = 0;

const dunlin = {
  name: "dunlin",
  create: () => ({ document: openDocument(), actor: new Uint8Array(16).fill(++replicas % 250) }),
  write: ({ document, actor }, entries) => {
    const origin = { stamp: nextStamp(document.lastStamp, Date.now()), actor, member: new Uint8Array(32) };
    const transaction = document.begin(origin);
    const map = transaction.field("map", "m");
    for (const [key, value] of entries) map.set(key, value);
    return { joins: transaction.commit(), origin };
  },
  apply: ({ document }, { joins, origin }) => {
    if (!document.apply(joins, origin).ok) throw new Error("a change was refused");
  },
  read: ({ document }) => Object.fromEntries(document.field("map", "m").entries()),
  save: ({ document }) => document.encodeState(),
  load: (pages) => {
    const loaded = Document.load(pages);
    if (!loaded.ok) throw new Error(loaded.error.message);
    return { document: loaded.value };
  },
};

const yjs = {
  ...yjsReplica,
  write: (doc, entries) => {
    const map = doc.getMap("m");
    return yjsChange(doc, () => {
      for (const [key, value] of entries) map.set(key, value);
    });
  },
  read: (doc) => doc.getMap("m").toJSON(),
};

const joyBase = Model.create();
joyBase.api.set({});
joyBase.api.flush();

const jsonJoy = {
  name: "json-joy",
  create: () => joyBase.fork(),
  write: (model, entries) => {
    model.api.obj([]).set(Object.fromEntries(entries));
    return model.api.flush().toBinary();
  },
  apply: (model, change) => model.applyPatch(Patch.fromBinary(change)),
  read: (model) => model.view(),
  save: (model) => model.toBinary(),
  load: (bytes) => Model.fromBinary(bytes),
};

const loro = {
  name: "loro",
  create: () => new LoroDoc(),
  write: (doc, entries) => {
    const before = doc.version();
    const map = doc.getMap("m");
    for (const [key, value] of entries) map.set(key, value);
    doc.commit();
    return doc.export({ mode: "update", from: before });
  },
  apply: (doc, change) => doc.import(change),
  read: (doc) => doc.getMap("m").toJSON(),
  save: (doc) => doc.export({ mode: "snapshot" }),
  load: (bytes) => LoroDoc.fromSnapshot(bytes),
};

const automergeBase = Automerge.from({ m: {} });

/** Its documents are replaced by each change, so a replica is a holder of one. */
const automerge = {
  name: "automerge",
  create: () => ({ doc: Automerge.clone(automergeBase) }),
  write: (holder, entries) => {
    holder.doc = Automerge.change(holder.doc, (draft) => {
      for (const [key, value] of entries) draft.m[key] = value;
    });
    return Automerge.getLastLocalChange(holder.doc);
  },
  apply: (holder, change) => {
    [holder.doc] = Automerge.applyChanges(holder.doc, [change]);
  },
  read: ({ doc }) => Object.fromEntries(Object.entries(doc.m).map(([key, value]) => [key, String(value)])),
  save: ({ doc }) => Automerge.save(doc),
  load: (bytes) => ({ doc: Automerge.load(bytes) }),
};

export const SUBJECTS = [plain, dunlin, yjs, jsonJoy, loro, automerge];

function openDocument() {
  return new Document({ get: () => undefined, range: () => [] });
}
