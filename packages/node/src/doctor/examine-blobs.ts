/** The chunks that the store names, against the files that there are. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { bytesToHex, idToText, type ReadView } from "@dunlin/core/base";
import { storedChunks } from "@dunlin/core/blobs";
import { hashFile } from "../backup/copy-file.ts";
import { BLOBS_PREFIX } from "../shard/shard-blobs.ts";
import type { Finding } from "./finding.ts";

export async function examineBlobs(view: ReadView, folder: string): Promise<Finding[]> {
  const { chunks, damaged } = storedChunks(view, BLOBS_PREFIX);
  const findings: Finding[] = [];
  const advice = "put the blob again, or fetch it from a member: what is here of it is not given to anybody";
  const wrong = (where: string, message: string): void =>
    void findings.push({ severity: "error", code: "BLOB_DAMAGED", where, message, advice });
  if (damaged > 0) wrong("blobs", `${damaged} rows of blobs do not decode`);
  for (const { id, bytes } of chunks.values()) {
    const where = `blobs/${idToText(id)}`;
    const size = await stat(join(folder, idToText(id))).then(
      (file) => file.size,
      () => undefined,
    );
    if (size === undefined) wrong(where, "a chunk is missing");
    else if (size !== bytes) wrong(where, `a chunk has ${size} bytes in place of ${bytes}`);
    else if ((await hashFile(folder, idToText(id))).sha256 !== bytesToHex(id)) wrong(where, "a chunk was changed");
  }
  return findings;
}
