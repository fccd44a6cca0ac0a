/**
 * The cells of a map, whose columns can be written and joined by their parts: no cell object is made on the way.
 */
import type { ContainerId } from "../../base/index.ts";
import type { CellKind } from "../cells/cell-kind.ts";
import type { LastWriterCell } from "../cells/last-writer.ts";
import { LastWriterColumns } from "../cells/last-writer-columns.ts";
import type { ContainerType } from "../container-type.ts";
import type { Content } from "../content.ts";
import type { Origin } from "../origin.ts";
import { CellContainer } from "./cell-container.ts";
import type { ContainerHost } from "./container.ts";
import { NO_SLOT } from "./key-index.ts";

export class LastWriterContainer extends CellContainer<LastWriterCell> {
  readonly columns: LastWriterColumns;

  constructor(host: ContainerHost, kind: CellKind<LastWriterCell>, type: ContainerType, id: ContainerId) {
    const columns = new LastWriterColumns();
    super(host, kind, type, id, columns);
    this.columns = columns;
  }

  /** What is at a key; undefined when it is absent, or nothing was ever there. */
  contentOf(key: string): Content {
    const slot = this.find(key);
    return slot === NO_SLOT ? undefined : this.columns.contentAt(slot);
  }

  /** Joins a content of this origin into a cell that was found or loaded before. Reads nothing. */
  joinContent(key: string, content: Content, { stamp, actor }: Origin): void {
    const found = this.findLoaded(key);
    const at = found === NO_SLOT ? this.add(key) : found;
    const before = this.columns.stampAt(at);
    if (before === stamp) {
      this.join(key, { content, stamp, actor });
    } else if (before < stamp) {
      this.columns.write(at, content, stamp, actor);
      this.mark(at);
    }
  }
}
