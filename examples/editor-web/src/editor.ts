/** The text field over the paper: its edits go to the shared text, and what others write comes back with the caret kept. */
import { drawPaper } from "./paper.ts";
import type { Cursor } from "./schema.ts";
import type { Selection, SharedText } from "./shared-text.ts";

export class Editor {
  readonly #field: HTMLTextAreaElement;
  readonly #paper: HTMLElement;
  readonly #text: SharedText;
  #cursors: readonly Cursor[] = [];
  readonly #onMove: () => void;
  #isComposing = false;

  /** `onMove` is told when the caret was moved and nothing typed. */
  constructor(field: HTMLTextAreaElement, paper: HTMLElement, text: SharedText, onMove: () => void) {
    this.#field = field;
    this.#paper = paper;
    this.#text = text;
    this.#onMove = onMove;
    // So that the edit is one of the newest text.
    field.addEventListener("beforeinput", ({ isComposing }) => {
      if (!isComposing) text.refresh();
    });
    field.addEventListener("input", (event) => {
      if (!(event instanceof InputEvent && event.isComposing)) this.#typed();
    });
    field.addEventListener("compositionstart", () => {
      this.#isComposing = true;
    });
    field.addEventListener("compositionend", () => {
      this.#isComposing = false;
      this.#typed();
      this.show();
    });
    document.addEventListener("selectionchange", () => this.takeSelection());
  }

  /** Lets the text know what is selected, and tells of it when that is new. */
  takeSelection(): void {
    if (document.activeElement !== this.#field || this.#field.value !== this.#text.shown) return;
    const [now, known] = [this.#selection(), this.#text.selection()];
    if (now.head === known.head && now.tail === known.tail) return;
    this.#text.select(now);
    this.#onMove();
  }

  show(): void {
    const { shown } = this.#text;
    // What is being composed belongs to the input method until it is done.
    if (this.#field.value !== shown && !this.#isComposing) {
      const { tail, head } = this.#text.selection();
      this.#field.value = shown;
      this.#field.setSelectionRange(Math.min(tail, head), Math.max(tail, head), head < tail ? "backward" : "forward");
    }
    this.#draw();
  }

  showCursors(cursors: readonly Cursor[]): void {
    this.#cursors = cursors;
    this.#draw();
  }

  #typed(): void {
    this.#text.typed(this.#field.value, this.#selection());
    this.#draw();
  }

  #selection(): Selection {
    const { selectionStart, selectionEnd, selectionDirection } = this.#field;
    const isBackward = selectionDirection === "backward";
    return isBackward ? { tail: selectionEnd, head: selectionStart } : { tail: selectionStart, head: selectionEnd };
  }

  #draw(): void {
    this.#text.view((view) => {
      drawPaper(this.#paper, view, this.#field.value, this.#text.pending, this.#cursors);
    });
  }
}
