/**
 * What the browser says of the room for this page's origin, and whether it may clear it.
 *
 * Storage that is not persisted goes when the device runs short, and in some browsers after days without a visit. Both
 * are questions to the browser: a page shows the answers, and syncs elsewhere what it must not lose.
 */

export interface StorageHealth {
  /** False: the browser may clear this origin's data on its own. Undefined: it does not tell. */
  readonly isPersisted: boolean | undefined;
  readonly usageBytes: number | undefined;
  readonly quotaBytes: number | undefined;
}

export async function storageHealth(): Promise<StorageHealth> {
  const manager = storageManager();
  const [isPersisted, estimate] = await Promise.all([manager?.persisted?.(), manager?.estimate?.()]);
  return { isPersisted, usageBytes: estimate?.usage, quotaBytes: estimate?.quota };
}

/** Asks the browser to keep this origin's data; some ask their user. The answer, or undefined when there is none. */
export async function requestPersistence(): Promise<boolean | undefined> {
  return storageManager()?.persist?.();
}

/** Absent outside secure contexts, and partly in older browsers. */
function storageManager(): Partial<StorageManager> | undefined {
  return typeof navigator === "undefined" ? undefined : navigator.storage;
}
