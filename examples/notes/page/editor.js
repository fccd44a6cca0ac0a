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
      while (name === current && !isComposing && (isStale || area.value !== base)) await round(current);
      if (name === current) onState("saved");
    } catch (error) {
      isStale = true;
      onState("unsaved");
      onProblem(error);
    }
    isBusy = false;
    if (name !== current) void exchange();
  }

  /** Reads, takes over, and sends what was typed on top of it. */
  async function round(current) {
    isStale = false;
    const text = await read(current);
    if (name !== current) return;
    // The area is an input method's own while it composes: what was read is read again afterwards.
    isStale = isComposing;
    if (isComposing) return;
    takeOver(text);
    const typed = spliceBetween(base, area.value);
    if (typed === undefined) return;
    onState("saving");
    const sent = applySplice(base, typed);
    const answer = await edit(current, [typed], base.length);
    if (name !== current) return;
    isStale = true;
    // Refused when the text has changed since it was read: what was typed stays, and goes out from the new text.
    if (answer?.applied !== false) base = sent;
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
    // Whoever writes keeps their place; whoever watches is shown where the others write.
    const isWatching = document.activeElement !== area;
    const share = change[0] / Math.max(1, shown.length);
    area.scrollTop = isWatching ? share * area.scrollHeight - area.clientHeight / 2 : scrollTop;
  }

  area.addEventListener("input", exchange);
  area.addEventListener("compositionstart", () => {
    isComposing = true;
  });
  area.addEventListener("compositionend", () => {
    isComposing = false;
    void exchange();
  });

  return {
    /** Shows a document. */
    open(document) {
      name = document;
      base = "";
      area.value = "";
      isStale = true;
      void exchange();
    },
    /** The document may have changed on the node. */
    refresh() {
      isStale = true;
      void exchange();
    },
  };
}
