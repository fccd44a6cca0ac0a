/** IndexedDB's requests and transactions as promises, and its errors as a store's failures. */
import { StoreFailure } from "@dunlin/core/base";

/** The result of a request. Awaited within a transaction it keeps that open, as long as nothing else is awaited. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves once a transaction is complete: with strict durability, once the device has it. */
export function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () =>
      reject(transaction.error ?? new DOMException("the transaction was ended", "AbortError"));
  });
}

/** A failure with the code that a browser's error stands for. */
export function failureOf(thrown: unknown, doing: string): StoreFailure {
  if (thrown instanceof StoreFailure) return thrown;
  const name = thrown instanceof Error ? thrown.name : "";
  const detail = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const options = { cause: thrown };
  if (name === "QuotaExceededError") {
    const message = `${doing}: the browser gives this site no more room (${detail}); free some, then open the store again`;
    return new StoreFailure("STORE_FULL", message, options);
  }
  if (name === "VersionError") {
    const message = `${doing}: the store was written by a newer version of this program; reload the page to get it`;
    return new StoreFailure("STORE_NEWER", message, options);
  }
  if (name === "SecurityError" || name === "InvalidStateError") {
    return new StoreFailure("STORE_UNAVAILABLE", `${doing}: the browser denies IndexedDB (${detail})`, options);
  }
  return new StoreFailure("STORE_WRITE_FAILED", `${doing} failed (${detail}); open the store again`, options);
}
