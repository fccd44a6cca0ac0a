/**
 * One writer per store, across processes: a file that names its holder.
 *
 *     dunlin.lock = pid, a space, the process's start time ("-" where the system does not tell), a newline
 *
 * LMDB itself lets several processes write in turn, which would break what a node holds in memory. The lock of a
 * process that is gone is taken over; the start time tells a pid that was given out again, as in containers, where the
 * node is process 1 every time. Refused: a live holder, this process included (`STORE_LOCKED`), and a disk that takes
 * no file (`STORE_WRITE_FAILED`).
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StoreFailure } from "@dunlin/core/base";
import { detailOf } from "./database.ts";
import { LOCK_ATTEMPTS_MAX } from "./limits.ts";

/** Gives the lock up. */
export type Release = () => void;

export interface LockOptions {
  /** Takes over a lock of this very process: for a supervisor that knows that the worker which held it has ended. */
  readonly takeOverOwn?: boolean;
}

export function acquireLock(directory: string, { takeOverOwn = false }: LockOptions = {}): Release {
  const path = join(directory, "dunlin.lock");
  const mine = `${process.pid} ${startTime(process.pid)}\n`;
  for (let attempt = 0; attempt < LOCK_ATTEMPTS_MAX; attempt++) {
    if (createWith(path, mine)) return () => removeIf(path, mine);
    const held = readIfThere(path);
    if (held === undefined) continue;
    const isFree = held === mine ? takeOverOwn : !isAlive(held);
    if (!isFree) throw locked(directory, held);
    removeIf(path, held);
  }
  throw locked(directory, "others that start just now");
}

function locked(directory: string, held: string): StoreFailure {
  const holder = held.split(" ")[0]?.trim() ?? "";
  const message = `${directory} is in use by process ${holder}: stop that one first, or choose another directory`;
  return new StoreFailure("STORE_LOCKED", message);
}

/** True when the file was made. It appears with its content: written under another name, then linked. */
function createWith(path: string, content: string): boolean {
  const draft = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  try {
    writeFileSync(draft, content);
    linkSync(draft, path);
    return true;
  } catch (thrown) {
    if (errorCode(thrown) === "EEXIST") return false;
    const message = `${path} cannot be written: ${detailOf(thrown)}`;
    throw new StoreFailure("STORE_WRITE_FAILED", message, { cause: thrown });
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes the lock if it is still the one that was read: another process may have taken it over meanwhile. */
function removeIf(path: string, content: string): void {
  const aside = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}.old`;
  try {
    renameSync(path, aside);
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return;
    throw thrown;
  }
  try {
    if (readIfThere(aside) !== content) linkSync(aside, path);
  } catch (thrown) {
    if (errorCode(thrown) !== "EEXIST") throw thrown;
  } finally {
    rmSync(aside, { force: true });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}

/** Whether the process that a lock names still runs. A malformed lock names none. */
function isAlive(held: string): boolean {
  const match = /^(\d{1,10}) (\S+)\n$/.exec(held);
  if (match === null) return false;
  const pid = Number(match[1]);
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // Not permitted to signal it: it is there.
    if (errorCode(thrown) !== "EPERM") return false;
  }
  const started = startTime(pid);
  return started === "-" || match[2] === "-" || started === match[2];
}

/** When a process started, in clock ticks since boot: field 22 of proc(5) stat, after the name in parentheses. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "-";
  } catch {
    return "-";
  }
}

function errorCode(thrown: unknown): unknown {
  return thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
}
