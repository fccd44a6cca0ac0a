/** Who is here: this tab's own name and colour, and the others' cursors. */
import type { Cursor, Cursors } from "./schema.ts";
import type { Me } from "./shared-text.ts";

const NAME_KEY = "editor-web.name";
/** A cursor that has rested for longer is not shown: its tab may be gone. */
const SHOWN_FOR_MS = 60_000;

/** A tab is somebody new each time it is opened; a name that was given stays with it. */
export function createMe(): Me {
  const [hue = 0] = crypto.getRandomValues(new Uint16Array(1));
  const given = sessionStorage.getItem(NAME_KEY);
  return { id: crypto.randomUUID(), hue: hue % 360, name: given ?? `Guest ${(hue % 90) + 10}` };
}

export function rename(me: Me, name: string): void {
  me.name = name;
  sessionStorage.setItem(NAME_KEY, name);
}

/** The others that are there, again after each change; removes cursors that were left behind. */
export async function* watchOthers(cursors: Cursors, me: Me): AsyncGenerator<readonly Cursor[]> {
  const isHere = ({ movedMs }: Cursor): boolean => Date.now() - movedMs < SHOWN_FOR_MS;
  const left = (await cursors.query().toArray()).filter((cursor) => !isHere(cursor));
  await cursors.deleteMany(left.map(({ id }) => id));
  for await (const { documents } of cursors.query().watch()) {
    yield documents.filter((cursor) => cursor.id !== me.id && isHere(cursor));
  }
}
