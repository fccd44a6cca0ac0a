/**
 * Records what one transaction does. It tells its host when the transaction has committed; what it recorded of one that
 * is rolled back is dropped with it.
 */
import { actorId, type ContainerId, idKey } from "../../base/index.ts";
import type {
  ContainerType,
  EditObserver,
  ElementRun,
  Generation,
  LastWriterCell,
  MapWriter,
  RecordCell,
  RecordsWriter,
  TextWriter,
  Transaction,
} from "../../crdt/index.ts";
import { Aliases } from "./aliases.ts";
import { childrenOf, nestedSnapshot } from "./snapshot.ts";
import type { Change, ChildSnapshot, Owner, RecordChange } from "./step.ts";

export interface RecorderHost {
  readonly aliases: Aliases;
  onCommit(): void;
  onCommitted(recorder: Recorder): void;
}

/** Why a transaction is made. */
export type Purpose =
  | { readonly kind: "write" }
  | { readonly kind: "labelled"; readonly label: string }
  /** Takes back the last `steps` of a stack. */
  | { readonly kind: "undo" | "redo"; readonly steps: number; readonly label: string | undefined };

export class Recorder implements EditObserver {
  purpose: Purpose = { kind: "write" };
  readonly by: Generation;
  /** Those that this transaction adds. */
  readonly aliases: Aliases;
  readonly #host: RecorderHost;
  #changes: Change[] = [];
  readonly #records: RecordChange[] = [];
  /** By container: the document that it is in. */
  readonly #owners = new Map<string, Owner>();
  readonly #children = new Map<string, readonly ChildSnapshot[]>();

  constructor(host: RecorderHost, transaction: Transaction) {
    this.#host = host;
    this.aliases = new Aliases(host.aliases);
    const { stamp, actor } = transaction.origin;
    this.by = { stamp, actor };
  }

  /** In the order in which they are to be taken back from the end. */
  changes(): Change[] {
    const renewed = new Set(this.#records.filter(isRenewal).map(({ records, id }) => recordKey(records, id)));
    // What is in a document that came or went with the transaction comes and goes with it again.
    const within = this.#changes.filter(
      (change) => change.kind === "record" || !renewed.has(recordKey(change.owner.records, change.owner.id)),
    );
    return [...within, ...this.#records];
  }

  onChild(records: RecordsWriter, id: string, field: string, child: ContainerId): void {
    const generation = records.target.get(id)?.generation;
    if (generation === undefined) return;
    const collection = records.target.fieldName ?? "";
    this.#owners.set(idKey(child), { collection, records: records.target.id, id, field, generation });
  }

  onNested(map: MapWriter, key: string, child: ContainerId): void {
    const owner = this.#owners.get(idKey(map.target.id));
    if (owner !== undefined) this.own(child, { ...owner, field: `${owner.field}.${key}` });
  }

  /** Says in which document a container is that is written in without asking the document for it. */
  own(container: ContainerId, owner: Owner): void {
    this.#owners.set(idKey(container), owner);
  }

  onDelete(records: RecordsWriter, id: string, cell: RecordCell): void {
    this.#children.set(recordKey(records.target.id, id), childrenOf(records, id, cell));
  }

  onEntry(map: MapWriter, key: string, before: LastWriterCell | undefined): void {
    const owner = this.#owners.get(idKey(map.target.id));
    if (owner === undefined) return;
    const kind = map.kindOf(key);
    const nested = kind === "absent" || kind === "value" ? undefined : nestedSnapshot(map, kind, key);
    const pair = before && { stamp: before.stamp, actor: before.actor };
    const value = map.get(key);
    this.#changes.push({ kind: "entry", owner, container: map.target.id, key, before: pair, value, nested });
  }

  onInserted(text: TextWriter, runs: readonly ElementRun[]): void {
    const owner = this.#owners.get(idKey(text.target.id));
    if (owner === undefined || runs.length === 0) return;
    this.#changes.push({ kind: "inserted", owner, container: text.target.id, runs });
  }

  onDeleting(text: TextWriter, runs: readonly ElementRun[], content: string): void {
    const owner = this.#owners.get(idKey(text.target.id));
    const [first] = runs;
    if (owner === undefined || first === undefined) return;
    const at = text.indexOf({ at: "before", actor: actorId(first.actor), counter: first.start }) ?? 0;
    const previous = at === 0 ? undefined : text.runs(at - 1, 1)[0];
    this.#changes.push({ kind: "deleted", owner, container: text.target.id, runs, content, previous });
  }

  onDiscard(_type: ContainerType, id: ContainerId): void {
    const key = idKey(id);
    this.#changes = this.#changes.filter((change) => change.kind === "record" || idKey(change.container) !== key);
  }

  onCommit(): void {
    this.#host.onCommit();
  }

  onRecord(records: RecordsWriter, id: string, before: RecordCell | undefined, after: RecordCell): void {
    const children = this.#children.get(recordKey(records.target.id, id)) ?? [];
    const collection = records.target.fieldName ?? "";
    this.#records.push({ kind: "record", collection, records: records.target.id, id, before, after, children });
  }

  onCommitted(): void {
    this.#host.onCommitted(this);
  }
}

/** Whether the document came, went, or was made anew. */
function isRenewal({ before, after }: RecordChange): boolean {
  const wasThere = before !== undefined && before.deleted === undefined;
  const isThere = after.deleted === undefined;
  return !wasThere || !isThere || before.generation.stamp !== after.generation.stamp;
}

function recordKey(records: ContainerId, id: string): string {
  return `${idKey(records)}|${id}`;
}
