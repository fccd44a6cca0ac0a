/** Decodes everything that a source of pages holds, each cell as its type. */
import { idToText, StoreFailure } from "../../base/index.ts";
import { CellContainer } from "../containers/cell-container.ts";
import type { ContainerCache } from "../containers/container-cache.ts";
import { RecordsContainer } from "../records/records-container.ts";
import type { PageSource } from "./page-source.ts";

/** Says what is malformed, and where; undefined when nothing is. */
export function checkState(source: PageSource, cache: ContainerCache): string | undefined {
  for (const { type, id } of source.lists()) {
    try {
      const container = cache.open(type, id);
      if (container instanceof CellContainer) container.loadAll();
      else if (container instanceof RecordsContainer) container.page({ limit: Number.MAX_SAFE_INTEGER });
      else container.state();
    } catch (thrown) {
      if (!(thrown instanceof StoreFailure)) throw thrown;
      return `${type} ${idToText(id)}: ${thrown.message}`;
    }
  }
  return undefined;
}
