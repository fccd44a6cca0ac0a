/**
 * What a collection refuses: a stable code, and the place in what was handed in. Thrown by the calls of a collection,
 * which then have had no effect.
 */
import type { WriteRefusalCode } from "../crdt/index.ts";

export type CollectionErrorCode =
  /** A value does not fit its field. */
  | "DOCUMENT_INVALID"
  /** The collection has no field of this name. */
  | "FIELD_UNKNOWN"
  /** A field that every document has was left out. */
  | "FIELD_MISSING"
  /** A document's id is no well-formed text of 1 to 256 bytes, or is given twice. */
  | "ID_INVALID"
  /** A document of this id is there already. */
  | "DOCUMENT_EXISTS"
  /** There is no document of this id. */
  | "DOCUMENT_MISSING"
  /** A field's schema answers with a promise: documents are checked at once. */
  | "SCHEMA_ASYNC"
  /** The definition of a collection is not one: a bad name, too many fields or indexes. */
  | "SCHEMA_INVALID"
  /** The store holds the collection with another type for this field: raise the version and rename the field. */
  | "SCHEMA_MISMATCH"
  /** The store holds the collection in a newer version than this program knows. */
  | "SCHEMA_NEWER"
  /** The query names what is neither an index nor a field, or asks for what cannot be. */
  | "QUERY_INVALID"
  /** A line of an import is not a document of this collection. */
  | "IMPORT_MALFORMED"
  /** The function of a transaction is asynchronous: it must be done when it returns. */
  | "TRANSACTION_ASYNC"
  /** A cursor or a version that names no place in this database, or one that this copy of it does not hold yet. */
  | "CURSOR_INVALID"
  /** A delta of a feed was refused once what it stands on had come, or there was no room for it to wait. */
  | "DELTA_REFUSED"
  /** What was handed to `apply` is no feed: not batches, nor lists of signed deltas. */
  | "FEED_MALFORMED"
  /** This database's changes are recorded for an undo already: dispose of that one first. */
  | "UNDO_OPEN"
  /** The options of an undo are none: milliseconds and steps are whole numbers. */
  | "UNDO_INVALID"
  /** The undo was disposed of. */
  | "UNDO_CLOSED"
  /** The database was closed. */
  | "DATABASE_CLOSED";

/** Where the fault is, as far as it is known. */
export interface Place {
  readonly collection?: string;
  /** Which item of a bulk call. */
  readonly index?: number;
  readonly id?: string;
  /** The field, and within its value the way to the fault: `tags[3]`, `address.city`. */
  readonly field?: string;
}

export class CollectionError extends Error {
  override readonly name = "CollectionError";
  /** One of `CollectionErrorCode` and `WriteRefusalCode`, or that of the replica or store underneath. */
  readonly code: CollectionErrorCode | WriteRefusalCode | (string & {});
  readonly place: Place;
  /** The message without the place. */
  readonly reason: string;

  constructor(code: CollectionError["code"], reason: string, place: Place = {}, options?: ErrorOptions) {
    super(`${reason}${placeText(place)}`, options);
    this.code = code;
    this.reason = reason;
    this.place = place;
  }

  /** The same, with what the caller knows of the place. */
  at(place: Place): CollectionError {
    return new CollectionError(this.code, this.reason, { ...place, ...this.place }, { cause: this.cause });
  }
}

function placeText(place: Place): string {
  const parts: string[] = [];
  if (place.collection !== undefined) parts.push(`collection ${JSON.stringify(place.collection)}`);
  if (place.index !== undefined) parts.push(`item ${place.index}`);
  if (place.id !== undefined) parts.push(`id ${JSON.stringify(place.id)}`);
  if (place.field !== undefined) parts.push(`field ${JSON.stringify(place.field)}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}
