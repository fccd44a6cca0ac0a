/** One text that several write at once: in the tabs of this browser, and in others by a relay. */
import { Editor } from "./editor.ts";
import { inviteTo, keepLinked, openText } from "./link.ts";
import { attempt, element, report } from "./page.ts";
import { createMe, rename, watchOthers } from "./people.ts";
import { type Cursors, openCursors, openTexts, PAGE } from "./schema.ts";
import { type Me, SharedText } from "./shared-text.ts";

/** Moves of the caret are told this much later at most: each is a commit. */
const TOLD_AFTER_MS = 300;

async function showOthers(cursors: Cursors, me: Me, editor: Editor): Promise<void> {
  for await (const others of watchOthers(cursors, me)) {
    editor.showCursors(others);
    element("others").replaceChildren(
      ...others.map(({ name, hue }) => {
        const other = document.createElement("li");
        other.textContent = name;
        other.style.setProperty("--hue", String(hue));
        return other;
      }),
    );
  }
}

function openToolbar(text: SharedText, editor: Editor): void {
  const toggle = (mark: "bold" | "italic"): void => {
    editor.takeSelection();
    attempt(text.toggle(mark));
  };
  const keys = { b: "bold", i: "italic" } as const;
  for (const mark of ["bold", "italic"] as const) {
    const button = element(mark);
    // The field keeps its focus, and with it the selection.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => toggle(mark));
  }
  element("text").addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || !(event.key === "b" || event.key === "i")) return;
    event.preventDefault();
    toggle(keys[event.key]);
  });
}

/** Runs the task once for all askings of a moment. */
function gathered(task: () => void): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    setTimeout(() => {
      isAsked = false;
      task();
    }, TOLD_AFTER_MS);
  };
}

async function start(): Promise<void> {
  const database = await openText();
  const state = element("link");
  const invite = element<HTMLButtonElement>("invite");
  const showState = (words: string): void => {
    invite.hidden = database.role !== "admin";
    if (state.textContent !== words) state.textContent = words;
  };
  attempt(keepLinked(database, showState));
  await database.joined();
  const [texts, cursors, me] = [openTexts(database), openCursors(database), createMe()];
  // With its text, so that there is one to look at.
  await texts.upsert({ id: PAGE, body: "" });
  const tellSoon = gathered(() => attempt(text.tell()));
  const onRefresh = (): void => editor.takeSelection();
  const onChange = (): void => editor.show();
  const text = new SharedText({ database, texts, cursors, me, onRefresh, onChange, onFailure: report });
  const field = element<HTMLTextAreaElement>("text");
  const editor: Editor = new Editor(field, element("paper"), text, tellSoon);
  text.refresh();
  openToolbar(text, editor);
  const name = element<HTMLInputElement>("name");
  name.value = me.name;
  name.addEventListener("change", () => {
    rename(me, name.value.trim() || me.name);
    tellSoon();
  });
  invite.addEventListener("click", () => {
    const address = element<HTMLInputElement>("address");
    address.value = inviteTo(database);
    element("invitation").hidden = false;
    address.select();
  });
  field.disabled = false;
  await showOthers(cursors, me, editor);
}

start().catch(report);
