/** The documents that are not open: what others are writing there, around their latest change. */
import { spliceBetween } from "./splice.js";

/** What is shown before a change, of it, and after it. */
const CHARS = { before: 150, changed: 200, after: 250 };

/** `open` is called with the document that is clicked. */
export function createPreviews({ list, read, open }) {
  const byName = new Map();

  function add(name) {
    const item = document.createElement("article");
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "open",
      textContent: name,
    });
    const size = Object.assign(document.createElement("span"), { className: "quiet" });
    const text = document.createElement("p");
    button.onclick = () => open(name);
    const title = document.createElement("h3");
    title.append(button, size);
    item.append(title, text);
    byName.set(name, { item, size, text, known: undefined });
  }

  async function refresh(name) {
    const preview = byName.get(name);
    const now = await read(name);
    if (preview === undefined || now === preview.known) return;
    const change = preview.known === undefined ? undefined : spliceBetween(preview.known, now);
    preview.known = now;
    preview.size.textContent = `${now.length.toLocaleString("en-GB")} characters`;
    // The first look shows the end, where most is written.
    const [at, , inserted] = change ?? [now.length, 0, ""];
    const end = at + inserted.length;
    const from = Math.max(at, end - CHARS.changed);
    const mark = Object.assign(document.createElement("mark"), { textContent: now.slice(from, end) });
    const before = now.slice(Math.max(0, from - CHARS.before), from);
    preview.text.replaceChildren(before, mark, now.slice(end, end + CHARS.after));
  }

  return {
    /** Shows these documents, and no others. */
    async show(names) {
      for (const name of [...byName.keys()]) if (!names.includes(name)) byName.delete(name);
      const added = names.filter((name) => !byName.has(name));
      added.forEach(add);
      list.replaceChildren(...names.map((name) => byName.get(name).item));
      for (const name of added) await refresh(name);
    },
    async changed(name) {
      if (byName.has(name)) await refresh(name);
    },
  };
}
