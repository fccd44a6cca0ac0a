/**
 * The cells of a map. Its columns are written and joined by their parts, so that no cell object is made on the way, and
 * they come from pages and go into pages as columns. A page is parsed when one of its keys is first looked for; until
 * then nothing of it is in memory, and it is handed on as it came.
 */
import { assert, type ContainerId } from "../../base/index.ts";
import type { CellKind } from "../cells/cell-kind.ts";
import type { LastWriterCell } from "../cells/last-writer.ts";
import { LastWriterColumns } from "../cells/last-writer-columns.ts";
import type { ContainerType } from "../container-type.ts";
import type { Content } from "../content.ts";
import { hashKey } from "../key-hash.ts";
import type { Origin } from "../origin.ts";
import { encodeMapPages } from "../pages/map-pages.ts";
import type { PageList } from "../pages/page-list.ts";
import { CellContainer } from "./cell-container.ts";
import type { ContainerHost } from "./container.ts";
import { NO_SLOT } from "./key-index.ts";

export class LastWriterContainer extends CellContainer<LastWriterCell> {
  readonly columns: LastWriterColumns;
  readonly #type: ContainerType;
  /** Undefined when the source holds its cells one by one. */
  readonly #pages: PageList | undefined;
  /** Pages by number that are in memory. */
  readonly #parsed = new Set<number>();

  constructor(host: ContainerHost, kind: CellKind<LastWriterCell>, type: ContainerType, id: ContainerId) {
    const columns = new LastWriterColumns();
    super(host, kind, type, id, columns);
    this.columns = columns;
    this.#type = type;
    this.#pages = host.source.pagesOf?.(this.prefix);
  }

  /** What is at a key; undefined when it is absent, or nothing was ever there. */
  contentOf(key: string): Content {
    const slot = this.find(key);
    return slot === NO_SLOT ? undefined : this.columns.contentAt(slot);
  }

  /** Joins a content of this origin into a cell that was found or loaded before. Reads nothing. */
  joinContent(key: string, content: Content, { stamp, actor }: Origin): void {
    const found = this.index.find(key);
    const at = found === NO_SLOT ? this.add(key) : found;
    const before = this.columns.stampAt(at);
    if (before === stamp) {
      this.join(key, { content, stamp, actor });
    } else if (before < stamp) {
      this.columns.write(at, content, stamp, actor);
      this.mark(at);
    }
  }

  /** All cells, tombstones included, as pages: those that were not parsed as they came. */
  encodePages(): Uint8Array[] {
    if (this.#pages === undefined) this.loadAll();
    const untouched = this.#pages?.except(this.#parsed) ?? [];
    return encodeMapPages({ type: this.#type, id: this.id }, this.index, this.columns, untouched);
  }

  override isEmpty(): boolean {
    return this.#pages === undefined && super.isEmpty();
  }

  override loadAll(): void {
    if (this.#pages === undefined) {
      super.loadAll();
    } else if (this.loaded !== "all") {
      assert(!this.released, "a view is not used after its container was released");
      for (let page = 0; page < this.#pages.count; page++) this.#parse(this.#pages, page);
      this.loaded = "all";
    }
  }

  protected override load(key: string): number {
    if (this.#pages === undefined) return super.load(key);
    assert(!this.released, "a view is not used after its container was released");
    const [from, to] = this.#pages.covering(hashKey(key));
    let isNew = false;
    for (let page = from; page < to; page++) isNew = this.#parse(this.#pages, page) || isNew;
    return isNew ? this.index.find(key) : NO_SLOT;
  }

  /** False when the page is in memory already. */
  #parse(pages: PageList, page: number): boolean {
    if (this.#parsed.has(page)) return false;
    const { map, hashes } = pages.parseMap(page, this.host.intern);
    this.#parsed.add(page);
    this.index.reserve(map.keys.length);
    for (let i = 0; i < map.keys.length; i++) {
      const slot = this.addHashed(map.keys[i] as string, hashes[i] as number);
      this.columns.write(
        slot,
        map.contents[i],
        map.stamps[i] as LastWriterCell["stamp"],
        map.actors[i] as LastWriterCell["actor"],
      );
    }
    return true;
  }
}
