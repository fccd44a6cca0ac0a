/** What collections tell the registry of their operations, by kind; nothing where the host has none. */
import { type Metrics, type OperationKind, OperationMeter } from "../metrics/index.ts";
import type { CountedAs } from "../replica/index.ts";
import { CollectionError } from "./errors.ts";

export type CollectionMeters = Readonly<
  Record<Extract<OperationKind, "insert" | "get" | "update" | "delete" | "query">, OperationMeter>
>;

export function createMeters(metrics: Metrics): CollectionMeters {
  return {
    insert: new OperationMeter(metrics, "insert"),
    get: new OperationMeter(metrics, "get"),
    update: new OperationMeter(metrics, "update"),
    delete: new OperationMeter(metrics, "delete"),
    query: new OperationMeter(metrics, "query"),
  };
}

export function countedAs(meter: OperationMeter | undefined, items: number): CountedAs | undefined {
  return meter && { meter, items };
}

/** Times what is read. A query is one item, whatever it finds. */
export async function timedRead<T>(
  meter: OperationMeter | undefined,
  items: number,
  read: () => T | Promise<T>,
): Promise<T> {
  if (!meter) return read();
  const begun = meter.begin();
  try {
    const result = await read();
    meter.end(begun, items);
    return result;
  } catch (thrown) {
    meter.fail(begun, thrown instanceof CollectionError ? thrown.code : "READ_FAILED");
    throw thrown;
  }
}
