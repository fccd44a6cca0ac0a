/**
 * The shared text as this tab shows it: what the database holds, and over it what was typed here and is not written yet.
 *
 *     shown = base (as last seen in the database), with the pending splice in it
 *
 * The splice and the selection are held by anchors, so what others write meanwhile moves them along with their letters.
 */
import type { Database } from "@dunlin/core";
import { type Anchor, encodeAnchor, type TextView, type TextWriter } from "@dunlin/core/crdt";
import { type Cursors, PAGE, type Texts } from "./schema.ts";
import { carry, type Splice, spliceOf } from "./splice.ts";

export interface Selection {
  /** Where it began, and where the caret is. */
  readonly tail: number;
  readonly head: number;
}

export interface Me {
  readonly id: string;
  readonly hue: number;
  name: string;
}

export interface SharedTextParts {
  readonly database: Database;
  readonly texts: Texts;
  readonly cursors: Cursors;
  readonly me: Me;
  /** Before others' changes move the selection: it may be newer than the last `select`, since the browser tells late. */
  readonly onRefresh: () => void;
  /** What is shown has changed, other than by `typed`. */
  readonly onChange: () => void;
  readonly onFailure: (thrown: unknown) => void;
}

interface Pending extends Splice {
  readonly from: Anchor;
  readonly to: Anchor;
}

/** In the text of the database, or so far into what is pending. */
type Place = Anchor | { readonly at: "pending"; readonly offset: number };
type AnyText = Pick<TextView, "position" | "indexOf" | "length" | "toString">;

const START: Place = { at: "start" };

export class SharedText {
  readonly #parts: SharedTextParts;
  #base = "";
  #pending: Pending | undefined;
  #tail: Place = START;
  #head: Place = START;
  #isWriting = false;

  constructor(parts: SharedTextParts) {
    this.#parts = parts;
    parts.database.replica.onCommit(() => this.refresh());
  }

  get shown(): string {
    const { at, remove, insert } = this.pending;
    return this.#base.slice(0, at) + insert + this.#base.slice(at + remove);
  }

  /** What was typed and is not written yet, as a splice of the database's text. */
  get pending(): Splice {
    return this.#pending ?? { at: 0, remove: 0, insert: "" };
  }

  /** Runs `use` at once, with the text of the database; later when it must be loaded first. */
  view(use: (view: TextView) => void): void {
    this.#parts.texts.read(PAGE, "body", (view) => use(view as TextView)).catch(this.#parts.onFailure);
  }

  /** Takes in what others wrote. */
  refresh(): void {
    this.view((view) => {
      const now = view.toString();
      if (now !== this.#base) {
        this.#parts.onRefresh();
        const selection = this.#selectionIn(view);
        if (this.#pending !== undefined) this.#pending = { ...this.#pending, ...this.#rangeIn(view, this.#pending) };
        this.#base = now;
        this.#placeSelection(view, selection);
      }
      // Marks may be new where letters are not.
      this.#parts.onChange();
    });
  }

  /** The user has made this of what was shown. */
  typed(shown: string, selection: Selection): void {
    this.view((view) => {
      const splice = spliceOf(this.#base, shown, selection.head);
      const from = this.#anchor(view, splice.at, splice.remove > 0 ? "after" : "before");
      const to = splice.remove > 0 ? this.#anchor(view, splice.at + splice.remove, "before") : from;
      this.#pending = { ...splice, from, to };
      this.#placeSelection(view, selection);
    });
    void this.#write();
  }

  select(selection: Selection): void {
    this.view((view) => this.#placeSelection(view, selection));
  }

  selection(): Selection {
    let selection = { tail: 0, head: 0 };
    this.view((view) => {
      selection = this.#selectionIn(view);
    });
    return selection;
  }

  /** Marks what is selected, or takes the mark away where all of it has it. */
  async toggle(name: "bold" | "italic"): Promise<void> {
    await this.#parts.texts.update(PAGE, ({ body }) => {
      this.#apply(body);
      const { tail, head } = this.#selectionIn(body);
      const [from, to] = [Math.min(tail, head), Math.max(tail, head)];
      const marked = body.marks().filter((mark) => mark.name === name);
      if (marked.some((mark) => mark.from <= from && mark.to >= to)) body.unmark(from, to, name);
      else body.mark(from, to, name, true);
    });
    this.#parts.onChange();
  }

  /** Tells the others where the caret is: with the edit that moved it, or by itself. */
  async tell(): Promise<void> {
    await this.#parts.database.transact((transaction) => {
      transaction.in(this.#parts.texts).update(PAGE, ({ body }) => {
        transaction.in(this.#parts.cursors).upsert(this.#cursor(body));
      });
    });
  }

  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    const { database, texts, cursors, onFailure } = this.#parts;
    try {
      while (this.#pending !== undefined) {
        await database.transact((transaction) => {
          transaction.in(texts).update(PAGE, ({ body }) => {
            this.#apply(body);
            transaction.in(cursors).upsert(this.#cursor(body));
          });
        });
      }
    } catch (thrown) {
      onFailure(thrown);
    } finally {
      this.#isWriting = false;
    }
  }

  /** Writes what is pending, at the place where it is by now. */
  #apply(body: TextWriter): void {
    if (this.#pending === undefined) return;
    const { insert } = this.#pending;
    const selection = this.#selectionIn(body);
    const { at, remove } = this.#rangeIn(body, this.#pending);
    const before = this.shown;
    body.delete(at, remove);
    body.insert(at, insert);
    this.#pending = undefined;
    this.#base = body.toString();
    this.#placeSelection(body, selection);
    // Others' changes came in between.
    if (this.#base !== before) queueMicrotask(this.#parts.onChange);
  }

  #cursor(body: TextWriter) {
    const { tail, head } = this.#selectionIn(body);
    return {
      ...this.#parts.me,
      head: encodeAnchor(body.position(head, "before")),
      tail: encodeAnchor(body.position(tail, "before")),
      movedMs: Date.now(),
    };
  }

  #rangeIn(view: AnyText, { from, to, at, remove }: Pending): { at: number; remove: number } {
    const start = view.indexOf(from) ?? Math.min(at, view.length);
    const end = view.indexOf(to) ?? Math.min(at + remove, view.length);
    return { at: start, remove: Math.max(0, end - start) };
  }

  #selectionIn(view: AnyText): Selection {
    return { tail: this.#indexOf(view, this.#tail), head: this.#indexOf(view, this.#head) };
  }

  #indexOf(view: AnyText, place: Place): number {
    const range = this.#pending && this.#rangeIn(view, this.#pending);
    if (place.at === "pending") return (range?.at ?? 0) + place.offset;
    const index = view.indexOf(place) ?? 0;
    return range === undefined ? index : carry(index, { ...range, insert: this.pending.insert });
  }

  #placeSelection(view: AnyText, { tail, head }: Selection): void {
    this.#tail = this.#placeOf(view, tail);
    this.#head = this.#placeOf(view, head);
  }

  /** The place of an index into what is shown. */
  #placeOf(view: AnyText, index: number): Place {
    const { at, remove, insert } = this.pending;
    if (index <= at) return this.#anchor(view, index, "before");
    if (index <= at + insert.length) return { at: "pending", offset: index - at };
    return this.#anchor(view, index - insert.length + remove, "before");
  }

  /** Of an index into `base`. While a word is being composed, the database may be ahead of that: then about there. */
  #anchor(view: AnyText, index: number, side: "before" | "after"): Anchor {
    const now = view.toString();
    const carried = now === this.#base ? index : carry(index, spliceOf(this.#base, now, now.length));
    return view.position(Math.min(carried, now.length), side);
  }
}
