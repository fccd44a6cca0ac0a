/** The paper under the text field: the same letters at the same places, with marks, and others' cursors in between. */
import { decodeAnchor, type TextView } from "@dunlin/core/crdt";
import type { Cursor } from "./schema.ts";
import { carry, type Splice } from "./splice.ts";

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly style: (piece: HTMLElement) => void;
}

interface Caret {
  readonly at: number;
  readonly cursor: Cursor;
}

export function drawPaper(
  paper: HTMLElement,
  view: TextView,
  shown: string,
  pending: Splice,
  cursors: readonly Cursor[],
): void {
  const stretches: Stretch[] = [];
  for (const { from, to, name } of view.marks()) {
    const style = (piece: HTMLElement): void => piece.classList.add(name);
    stretches.push({ from: carry(from, pending), to: carry(to, pending), style });
  }
  const carets: Caret[] = [];
  for (const cursor of cursors) {
    const [head, tail] = [indexOf(view, cursor.head), indexOf(view, cursor.tail)];
    if (head === undefined || tail === undefined) continue;
    const [at, other] = [carry(head, pending), carry(tail, pending)];
    carets.push({ at, cursor });
    const style = (piece: HTMLElement): void => {
      piece.classList.add("selected");
      piece.style.setProperty("--hue", String(cursor.hue));
    };
    stretches.push({ from: Math.min(at, other), to: Math.max(at, other), style });
  }
  // A last line without letters has no height of its own.
  paper.replaceChildren(...piecesOf(shown, stretches, carets), "\u200b");
}

function indexOf(view: TextView, bytes: Uint8Array): number | undefined {
  const anchor = decodeAnchor(bytes);
  return anchor && view.indexOf(anchor);
}

function piecesOf(shown: string, stretches: readonly Stretch[], carets: readonly Caret[]): HTMLElement[] {
  const cuts = new Set([0, shown.length, ...carets.map(({ at }) => at)]);
  for (const { from, to } of stretches) cuts.add(from).add(to);
  const bounds = [...cuts].filter((cut) => cut <= shown.length).sort((a, b) => a - b);
  const pieces: HTMLElement[] = [];
  for (const [i, from] of bounds.entries()) {
    for (const caret of carets) if (caret.at === from) pieces.push(caretOf(caret.cursor));
    const to = bounds[i + 1];
    if (to === undefined) break;
    const piece = document.createElement("span");
    piece.textContent = shown.slice(from, to);
    for (const stretch of stretches) if (stretch.from <= from && stretch.to >= to) stretch.style(piece);
    pieces.push(piece);
  }
  return pieces;
}

function caretOf({ name, hue }: Cursor): HTMLElement {
  const caret = document.createElement("span");
  caret.className = "caret";
  caret.dataset["name"] = name;
  caret.style.setProperty("--hue", String(hue));
  return caret;
}
