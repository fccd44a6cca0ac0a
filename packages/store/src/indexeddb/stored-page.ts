/**
 * A page as IndexedDB holds it: a block of core, compressed by the browser's streams if the store was opened so and it
 * pays. Pages of both kinds stand side by side, so the choice may change from one opening to the next.
 *
 * Refused: a block that is damaged, and one that would unfold to more than a page may have.
 */
import { type AsyncCompression, packBlockAsync, StoreFailure, unpackBlockAsync } from "@dunlin/core/base";
import { platformCompression } from "@dunlin/core/platform";
import { corrupt } from "./database.ts";
import { PAGE_UNPACKED_BYTES_MAX } from "./limits.ts";
import { decodePage, type Page } from "./page.ts";

/** Without a compression the block holds the page as it is. */
export function packPage(page: Uint8Array, compression: AsyncCompression | undefined): Promise<Uint8Array> {
  return packBlockAsync(page, compression);
}

/** Throws a `StoreFailure` when what is stored is no page. */
export async function unpackPage(stored: unknown): Promise<Page> {
  if (!(stored instanceof Uint8Array)) throw corrupt("a page is no bytes");
  const unpacked = await unpackBlockAsync(stored, PAGE_UNPACKED_BYTES_MAX, platformCompression());
  if (!unpacked.ok && unpacked.error.code === "BLOCK_UNSUPPORTED") {
    throw new StoreFailure(
      "STORE_UNAVAILABLE",
      "the browser's store has compressed pages, and this browser cannot read them",
    );
  }
  const page = unpacked.ok ? decodePage(unpacked.value) : undefined;
  if (page === undefined) throw corrupt("a page does not decode");
  return page;
}
