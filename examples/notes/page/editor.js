/**
 * The text area over one shared document.
 *
 * Invariant: the area comes to equal the node's text. What is typed is sent as a splice against the text last read;
 * what others wrote is taken over under the caret. One exchange is under way at a time, so that splices never pass
 * each other.
 */
import { applySplice, movePosition, rebaseSplice, spliceBetween } from "./splice.js";

export function createEditor({ area, read, edit, onState, onProblem }) {
  let name;
  /** The node's text as last known. */
  let base = "";
  let isBusy = false;
  let isStale = false;
  let isComposing = false;

  async function exchange() {
    if (isBusy || name === undefined || isComposing) return;
    isBusy = true;
    const current = name;
    try {
      while (name === current && (isStale || area.value !== base)) {
        isStale = false;
        const text = await read(current);
        if (name !== current || isComposing) break;
        takeOver(text);
        const typed = spliceBetween(base, area.value);
        if (typed === undefined) continue;
        onState("saving");
        const sent = applySplice(base, typed);
        await edit(current, [typed]);
        base = name === current ? sent : base;
        isStale = true;
      }
      if (name === current) onState("saved");
    } catch (error) {
      isStale = true;
      onState("unsaved");
      onProblem(error);
    } finally {
      isBusy = false;
      if (name !== current) exchange();
    }
  }

  /** The node's text moves on to `text`; what was typed since stays on top. */
  function takeOver(text) {
    const remote = spliceBetween(base, text);
    if (remote === undefined) return;
    const typed = spliceBetween(base, area.value);
    const shown = typed === undefined ? text : applySplice(text, rebaseSplice(typed, remote));
    base = text;
    if (shown === area.value) return;
    const change = spliceBetween(area.value, shown);
    const { selectionStart, selectionEnd, scrollTop } = area;
    area.value = shown;
    area.setSelectionRange(movePosition(selectionStart, change), movePosition(selectionEnd, change));
    area.scrollTop = scrollTop;
  }

  area.addEventListener("input", exchange);
  area.addEventListener("compositionstart", () => {
    isComposing = true;
  });
  area.addEventListener("compositionend", () => {
    isComposing = false;
    exchange();
  });

  return {
    /** Shows a document. */
    open(document) {
      name = document;
      base = "";
      area.value = "";
      isStale = true;
      exchange();
    },
    /** The document may have changed on the node. */
    refresh() {
      isStale = true;
      exchange();
    },
  };
}
