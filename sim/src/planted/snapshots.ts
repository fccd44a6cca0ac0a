/** Who believes what a snapshot says of itself. */
import { type ContextId, ID_BYTES, idKey } from "@dunlin/core/base";
import { stateRoot } from "@dunlin/core/crdt";
import { Admission, encodeCheckpointStatement, type Replica } from "@dunlin/core/replica";
import { memoCrypto } from "../memo-crypto.ts";
import { swap } from "./replicas.ts";

type Checkpoints = Admission["checkpoints"];

/** That the pages of a list are those of its checkpoint is taken for granted. */
export function believesLists({ checkpoints: { joining } }: Replica): void {
  const accepts = joining.accepts.bind(joining);
  const createProbe = joining.createProbe.bind(joining);
  let root: Uint8Array | undefined;
  joining.accepts = (snapshot) => {
    root = stateRoot(snapshot.hashes);
    const verdict = accepts(snapshot);
    return verdict === "forged" ? "yes" : verdict;
  };
  joining.createProbe = () => {
    const probe = createProbe();
    const find = probe.find.bind(probe);
    probe.find = (id) => {
      const found = find(id);
      return found && root && { ...found, root };
    };
    return probe;
  };
}

/** Deltas are taken without their payloads from whoever sends them so. */
export function takesPruned({ checkpoints: { joining } }: Replica): void {
  joining.takes = () => true;
}

const everybody = new Set<string>();

/** Whoever writes a checkpoint is taken to have been countersigned by all. */
export function countSignatures(): () => void {
  everybody.clear();
  const { checkpoints } = new Admission(memoCrypto, new Uint8Array(ID_BYTES) as ContextId, () => {});
  return swap(Object.getPrototypeOf(checkpoints) as object, "note", ({ value }) => ({
    value(this: Checkpoints, ...[id, order, member, statements]: Parameters<Checkpoints["note"]>) {
      const note = (value as Checkpoints["note"]).bind(this);
      note(id, order, member, statements);
      const countersigned = [encodeCheckpointStatement({ kind: "countersign", checkpoint: id })];
      if (statements.length > 0) for (const other of everybody) note(id, order, other, countersigned);
    },
  }));
}

export function isCounted({ member }: Replica): void {
  everybody.add(idKey(member));
}
