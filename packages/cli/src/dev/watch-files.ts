/**
 * Tells that an author has saved. Folders are watched rather than files: editors write a new file and rename it over the
 * old one, which ends a file's own watch.
 */
import { type FSWatcher, watch } from "node:fs";
import { dirname, extname } from "node:path";

const RELEVANT: readonly string[] = [".ts", ".mts", ".js", ".mjs", ".json", ".wasm", ".mpk"];
/** A save is several events; and of a rename the file is missing between two of them. */
const SETTLE_MS = 50;

export class FileWatch implements Disposable {
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;
  #isChanged = false;

  /** Watches the folders of these files from now on, and no others. */
  follow(files: readonly string[]): void {
    const folders = new Set(files.map((file) => dirname(file)));
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      const watcher = watch(folder, (_event, name) => {
        if (name === null || isRelevant(name)) this.#onEvent();
      });
      // A folder that goes away takes its watch with it; the next build says what is missing.
      watcher.on("error", () => watcher.close());
      this.#watchers.set(folder, watcher);
    }
  }

  /** Resolves at the first change since it last did. */
  changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = (): void => {
        this.#wake = undefined;
        this.#isChanged = false;
        resolve();
      };
      if (this.#isChanged) this.#wake();
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  #onEvent(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isChanged = true;
      this.#wake?.();
    }, SETTLE_MS);
  }
}

/** Tests beside an application are no part of it. */
function isRelevant(name: string): boolean {
  return RELEVANT.includes(extname(name)) && !/\.test\.\w+$/.test(name);
}
