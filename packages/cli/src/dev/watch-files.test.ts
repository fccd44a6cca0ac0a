import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, it } from "vitest";
import { FileWatch } from "./watch-files.ts";

let folder: string;
let watch: FileWatch;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "dunlin-watch-"));
  await mkdir(join(folder, "other"));
  watch = new FileWatch();
});
afterEach(async () => {
  watch[Symbol.dispose]();
  await rm(folder, { recursive: true });
});

it("tells of a save by writing and by renaming, also one that came before it was asked", async () => {
  const file = join(folder, "app.ts");
  await writeFile(file, "1");
  watch.follow([file]);
  const written = watch.changed();
  await writeFile(file, "2");
  await written;
  await writeFile(join(folder, "app.ts~new.ts"), "3");
  await rename(join(folder, "app.ts~new.ts"), file);
  await watch.changed();
});

it("follows the folders of the files that it is given, and leaves those of the ones before", async () => {
  watch.follow([join(folder, "app.ts")]);
  watch.follow([join(folder, "other", "part.ts")]);
  const changed = watch.changed();
  await writeFile(join(folder, "app.ts"), "1");
  await writeFile(join(folder, "other", "README.md"), "1");
  await writeFile(join(folder, "other", "part.test.ts"), "1");
  await writeFile(join(folder, "other", "part.ts"), "1");
  await changed;
});
