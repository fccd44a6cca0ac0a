/**
 * One text in each library, behind one shape:
 *
 *   create()             a replica; all replicas of a library start from one state
 *   edit(doc, edits)     makes the edits as one change, each an edit of the library, and gives it as bytes for the wire
 *   apply(doc, change)   takes in another replica's change
 *   read(doc)            the text
 *   save(doc), load      the whole state as bytes, or pages of bytes, and back
 *
 * Edits are [position, deleted, inserted] in UTF-16 units. Ours is there twice: as the document through its
 * transactions, and as the text of core alone, where every edit has a join of its own, in one buffer.
 */
import * as Automerge from "@automerge/automerge";
import { Model, Patch } from "json-joy/lib/json-crdt/index.js";
import { LoroDoc } from "loro-crdt";
import { nextStamp, Writer } from "../../packages/core/dist/base/index.js";
import { Document, TextState } from "../../packages/core/dist/crdt/index.js";
import { yjsChange, yjsReplica } from "./yjs.mjs";

const actor = new Uint8Array(16).fill(1);
const member = new Uint8Array(32).fill(2);

const sequence = {
  name: "dunlin, a join an edit",
  create: () => new TextState(),
  edit: (text, edits) => {
    const writer = new Writer();
    const ends = new Uint32Array(edits.length);
    for (let i = 0; i < edits.length; i++) {
      const edit = edits[i];
      if (edit[1] > 0) text.delete(actor, edit[0], edit[1]);
      if (edit[2] !== "") text.insert(actor, edit[0], edit[2]);
      text.writeJoin(writer);
      ends[i] = writer.length;
    }
    return { bytes: writer.toBytes(), ends };
  },
  apply: (text, { bytes, ends }) => {
    let start = 0;
    for (const end of ends) {
      if (end > start && !text.apply(bytes.subarray(start, end), actor).ok) throw new Error("a join was refused");
      start = end;
    }
  },
  read: (text) => text.toString(),
  save: (text) => text.takeDirty().map(({ block, bytes }) => ({ block, bytes, length: bytes.length })),
  load: (blocks) => {
    const loaded = TextState.load(blocks.map(({ block, bytes }) => ({ actor, block, bytes })));
    if (!loaded.ok) throw new Error(loaded.error.message);
    return loaded.value;
  },
};

const dunlin = {
  name: "dunlin",
  create: () => new Document({ get: () => undefined, range: () => [] }),
  edit: (document, edits) => {
    const origin = { stamp: nextStamp(document.lastStamp, Date.now()), actor, member };
    const transaction = document.begin(origin);
    const text = transaction.field("text", "t");
    for (let i = 0; i < edits.length; i++) {
      const edit = edits[i];
      if (edit[1] > 0) text.delete(edit[0], edit[1]);
      if (edit[2] !== "") text.insert(edit[0], edit[2]);
    }
    return { joins: transaction.commit(), origin };
  },
  apply: (document, { joins, origin }) => {
    if (!document.apply(joins, origin).ok) throw new Error("a change was refused");
  },
  read: (document) => document.field("text", "t").toString(),
  save: (document) => document.encodeState(),
  load: (pages) => {
    const loaded = Document.load(pages);
    if (!loaded.ok) throw new Error(loaded.error.message);
    return loaded.value;
  },
};

const yjs = {
  ...yjsReplica,
  edit: (doc, edits) => {
    const text = doc.getText("t");
    return yjsChange(doc, () => {
      for (let i = 0; i < edits.length; i++) {
        const edit = edits[i];
        if (edit[1] > 0) text.delete(edit[0], edit[1]);
        if (edit[2] !== "") text.insert(edit[0], edit[2]);
      }
    });
  },
  read: (doc) => doc.getText("t").toString(),
};

const joyBase = Model.create();
joyBase.api.set({ t: "" });
joyBase.api.flush();

const jsonJoy = {
  name: "json-joy",
  create: () => joyBase.fork(),
  edit: (model, edits) => {
    const text = model.api.str(["t"]);
    for (let i = 0; i < edits.length; i++) {
      const edit = edits[i];
      if (edit[1] > 0) text.del(edit[0], edit[1]);
      if (edit[2] !== "") text.ins(edit[0], edit[2]);
    }
    return model.api.flush().toBinary();
  },
  apply: (model, change) => model.applyPatch(Patch.fromBinary(change)),
  read: (model) => model.view().t,
  save: (model) => model.toBinary(),
  load: (bytes) => Model.fromBinary(bytes),
};

const loro = {
  name: "loro",
  create: () => new LoroDoc(),
  edit: (doc, edits) => {
    const before = doc.version();
    const text = doc.getText("t");
    for (let i = 0; i < edits.length; i++) {
      const edit = edits[i];
      if (edit[1] > 0) text.delete(edit[0], edit[1]);
      if (edit[2] !== "") text.insert(edit[0], edit[2]);
    }
    doc.commit();
    return doc.export({ mode: "update", from: before });
  },
  apply: (doc, change) => doc.import(change),
  read: (doc) => doc.getText("t").toString(),
  save: (doc) => doc.export({ mode: "snapshot" }),
  load: (bytes) => LoroDoc.fromSnapshot(bytes),
};

const automergeBase = Automerge.from({ t: "" });

/** Its documents are replaced by each change, so a replica is a holder of one. */
const automerge = {
  name: "automerge",
  create: () => ({ doc: Automerge.clone(automergeBase) }),
  edit: (holder, edits) => {
    holder.doc = Automerge.change(holder.doc, (draft) => {
      for (let i = 0; i < edits.length; i++) Automerge.splice(draft, ["t"], edits[i][0], edits[i][1], edits[i][2]);
    });
    return Automerge.getLastLocalChange(holder.doc);
  },
  apply: (holder, change) => {
    [holder.doc] = Automerge.applyChanges(holder.doc, [change]);
  },
  read: ({ doc }) => doc.t,
  save: ({ doc }) => Automerge.save(doc),
  load: (bytes) => ({ doc: Automerge.load(bytes) }),
};

export const TEXT_SUBJECTS = [sequence, dunlin, yjs, jsonJoy, loro, automerge];
