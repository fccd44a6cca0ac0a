/** Where the nodes of one demonstration live: a temporary folder that goes with it, or one that is kept. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { DemoFailure, EXIT, reasonOf } from "./failure.ts";

/** Marks a folder as one that a demonstration may clear. */
const MARK = "dunlin-demo";

/** Makes the folder, or clears it of an earlier demonstration. Refuses one that holds anything else. */
export async function prepareFolder(keep: string | undefined): Promise<string> {
  if (keep === undefined) return mkdtemp(join(tmpdir(), "dunlin-demo-"));
  const folder = resolve(keep);
  try {
    await mkdir(folder, { recursive: true });
    const names = await readdir(folder);
    if (names.length > 0 && !names.includes(MARK)) {
      throw new DemoFailure(EXIT.taken, `${folder} holds other things: name an empty folder`);
    }
    await Promise.all(names.map((name) => rm(join(folder, name), { recursive: true, force: true })));
    await writeFile(join(folder, MARK), "cleared by the next demonstration that is kept here\n");
    return folder;
  } catch (thrown) {
    if (thrown instanceof DemoFailure) throw thrown;
    throw new DemoFailure(EXIT.taken, `${folder} cannot be used: ${reasonOf(thrown)}`);
  }
}
