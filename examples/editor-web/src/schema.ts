/** What the database holds: one text, and where everybody's cursor is. */
import { bytes, type Database, type DocumentOf, integer, number, register, string, text } from "@dunlin/core";

const texts = { fields: { body: text() } };

/** Anchors, not positions: they stay with their letters whatever is typed before them. */
const cursorFields = {
  name: register(string()),
  hue: register(integer({ min: 0, max: 359 })),
  head: register(bytes()),
  tail: register(bytes()),
  movedMs: register(number()),
};
const cursors = { fields: cursorFields };

export type Cursor = DocumentOf<typeof cursorFields>;
export type Texts = ReturnType<typeof openTexts>;
export type Cursors = ReturnType<typeof openCursors>;

/** The one text. All who make it at once make the same one. */
export const PAGE = "page";

export function openTexts(database: Database) {
  return database.collection("texts", texts);
}

export function openCursors(database: Database) {
  return database.collection("cursors", cursors);
}
