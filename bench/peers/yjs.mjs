/** What a replica of yjs is to both kinds of works: all but what is written and read. */
import * as Y from "yjs";

export const yjsReplica = {
  name: "yjs",
  create: () => new Y.Doc(),
  apply: (doc, change) => Y.applyUpdate(doc, change),
  save: (doc) => Y.encodeStateAsUpdate(doc),
  load: (bytes) => {
    const doc = new Y.Doc();
    Y.applyUpdate(doc, bytes);
    return doc;
  },
};

/** Runs as one change, and gives it as bytes for the wire. */
export function yjsChange(doc, run) {
  let change;
  const onUpdate = (update) => {
    change = update;
  };
  doc.on("update", onUpdate);
  doc.transact(run);
  doc.off("update", onUpdate);
  return change;
}
