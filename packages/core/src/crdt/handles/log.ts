/** A log: what members append, in one order for all, and nobody changes or takes away. */
import { idKey, idKeyToBytes } from "../../base/index.ts";
import { type LogEntryCell, logKey } from "../cells/log-entry.ts";
import type { CellContainer } from "../containers/cell-container.ts";
import type { ContainerWriter } from "../containers/container.ts";
import { NO_SLOT } from "../containers/key-index.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { LOG_ENTRY_BYTES_MAX } from "../limits.ts";
import type { Origin } from "../origin.ts";
import { WriteRefused } from "../refusal.ts";
import { CellLog } from "./cell-log.ts";
import type { WriterHost } from "./handles.ts";

export interface LogEntry {
  /** Who appended it. */
  readonly member: Uint8Array;
  readonly bytes: Uint8Array;
}

export class LogView {
  readonly target: CellContainer<LogEntryCell>;

  constructor(target: CellContainer<LogEntryCell>) {
    this.target = target;
  }

  /** The entry under a key that `keys`, `logEntryKey` or `append` gave. */
  get(key: Uint8Array): LogEntry | undefined {
    return this.target.get(idKey(key));
  }

  get size(): number {
    return this.target.liveCount();
  }

  /** The keys of all entries, in the order of the log. */
  keys(): Uint8Array[] {
    const keys: string[] = [];
    this.target.visitKeys((key) => keys.push(key));
    return keys.sort().map(idKeyToBytes);
  }
}

/** The key of the entry of this number that a transaction of this origin appends. */
export function logEntryKey({ stamp, actor }: Pick<Origin, "stamp" | "actor">, number: number): Uint8Array {
  return idKeyToBytes(logKey(stamp, actor, number));
}

export class LogWriter extends LogView implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  readonly #log: CellLog<LogEntryCell>;

  constructor(host: WriterHost, target: CellContainer<LogEntryCell>) {
    super(target);
    this.#host = host;
    this.#log = new CellLog(target);
  }

  /** Puts an entry behind all that is here; gives its key. */
  append(bytes: Uint8Array): Uint8Array {
    if (bytes.length > LOG_ENTRY_BYTES_MAX) {
      throw new WriteRefused("VALUE_TOO_LARGE", `an entry of a log has at most ${LOG_ENTRY_BYTES_MAX} bytes`);
    }
    this.#host.assertOpen();
    this.#host.record(this);
    const { stamp, actor, member } = this.#host.origin;
    const key = logKey(stamp, actor, this.#log.slots.length);
    this.target.put(this.#log.record(key, NO_SLOT), { member, bytes: bytes.slice() });
    return idKeyToBytes(key);
  }

  joins(): ContainerJoins | undefined {
    const { slots } = this.#log;
    if (slots.length === 0) return undefined;
    const joins = slots.flatMap((slot) => this.target.at(slot)?.bytes ?? []);
    return { type: "log", name: this.target.fieldName ?? this.target.id, joins };
  }

  commit(): void {
    this.#log.commit();
  }

  undo(): void {
    this.#log.undo();
  }
}
