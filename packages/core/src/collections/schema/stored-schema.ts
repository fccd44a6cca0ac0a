/** Whether a schema may open what the store holds of its collection. */
import { CollectionError } from "../errors.ts";
import type { CatalogueRow } from "../index/catalogue.ts";
import type { Schema } from "./schema.ts";

/**
 * Whether the stored description is to be written anew. Throws `SCHEMA_NEWER` when a newer program has opened the
 * collection, and `SCHEMA_MISMATCH` when a field of the same version has another kind, or a required one is new.
 */
export function checkStoredSchema(schema: Schema, stored: CatalogueRow | undefined): boolean {
  if (stored === undefined) return true;
  const { collection, version } = schema;
  if (stored.version > version) {
    const reason = `the store holds version ${stored.version}, and this program knows ${version}: update the program`;
    throw new CollectionError("SCHEMA_NEWER", reason, { collection });
  }
  if (stored.version < version) return true;
  const kinds = new Map(stored.fields.map(({ name, kind }) => [name, kind]));
  let isNew = stored.fields.length !== schema.fields.length;
  for (const { name, kind, need } of schema.fields) {
    const known = kinds.get(name);
    if (known === kind) continue;
    isNew = true;
    if (known !== undefined) throw mismatch(collection, name, `the store holds a ${known}, this program a ${kind}`);
    if (need === "required") {
      throw mismatch(collection, name, "a required field is new: make it optional, give it a default");
    }
  }
  return isNew;
}

function mismatch(collection: string, field: string, reason: string): CollectionError {
  return new CollectionError("SCHEMA_MISMATCH", `${reason}, or raise the version`, { collection, field });
}
