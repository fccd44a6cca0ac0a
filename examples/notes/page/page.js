/** The page of the notes application: what the context holds, as it changes, and the node beneath it. */
import { createEditor } from "./editor.js";
import { gather } from "./gather.js";
import { createNode } from "./node.js";
import { createPreviews } from "./previews.js";

const EVENTS_SHOWN_MAX = 40;
const STATUS_INTERVAL_MS = 4000;
/** Between two readings of the same thing: as fast as an eye follows. */
const READ_INTERVAL_MS = 200;
const FIRST_DOCUMENT = "welcome";

const $ = (id) => document.getElementById(id);
let node;
let contextId;
let documentName = FIRST_DOCUMENT;
/** Somebody at this page has named the document: it is shown whatever there is. */
let isDocumentChosen = false;
let sequence;
let endFollowing = () => {};

const call = (method, args) => node.call(contextId, method, args);
const editor = createEditor({
  area: $("text"),
  read: (name) => call("read", { document: name }),
  // The length tells the application which text the positions are of.
  edit: (name, edits, length) => call("edit", { document: name, edits, length }),
  onState: (state) => {
    $("text-state").textContent = `${documentName}: ${$("text").value.length} characters, ${state}`;
  },
  onProblem: report,
});

const previews = createPreviews({
  list: $("previews"),
  read: (name) => call("read", { document: name }),
  open: chooseDocument,
});
const show = {
  editor: gather(async () => editor.refresh(), READ_INTERVAL_MS),
  documents: gather(() => attempt(showDocuments), READ_INTERVAL_MS),
  previews: gather((names) => attempt(() => showPreviews(names)), READ_INTERVAL_MS),
  tallies: gather((names) => attempt(() => showTallies(names)), READ_INTERVAL_MS),
  settings: gather((names) => attempt(() => showSettings(names)), READ_INTERVAL_MS),
  tags: gather((names) => attempt(() => showTags(names)), READ_INTERVAL_MS),
  node: gather(() => attempt(showNode), READ_INTERVAL_MS),
};

/** The fragment never leaves the browser; it is taken out of the address as soon as it is read. */
function readFragment() {
  const fragment = new URLSearchParams(location.hash.slice(1));
  for (const name of ["token", "context"]) {
    const value = fragment.get(name);
    if (value !== null) sessionStorage.setItem(name, value);
  }
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
}

async function start() {
  readFragment();
  const token = sessionStorage.getItem("token");
  if (token === null) return askForToken("");
  node = createNode(token);
  try {
    await node.get("/admin-api/is-authed");
  } catch (error) {
    if (error.code === "UNAUTHORIZED") return askForToken("That is not this node's token.");
    setConnection("lost");
    setTimeout(start, STATUS_INTERVAL_MS);
    return;
  }
  $("ask").hidden = true;
  await chooseContext();
}

function askForToken(problem) {
  sessionStorage.removeItem("token");
  $("ask-problem").textContent = problem;
  $("ask").hidden = false;
  $("main").hidden = true;
  setConnection("waiting");
  $("token").focus();
}

async function chooseContext() {
  const { contexts } = await node.get("/admin-api/contexts");
  const select = $("contexts");
  select.replaceChildren(...contexts.map(({ id }) => new Option(id, id)));
  if (contexts.length === 0) {
    setConnection("waiting");
    $("connection").textContent = "no context yet: create or join one";
    setTimeout(() => attempt(chooseContext), STATUS_INTERVAL_MS);
    return;
  }
  const wanted = sessionStorage.getItem("context");
  openContext(contexts.some(({ id }) => id === wanted) ? wanted : contexts[0].id);
}

function openContext(id) {
  endFollowing();
  contextId = id;
  sequence = undefined;
  sessionStorage.setItem("context", id);
  $("contexts").value = id;
  $("events").replaceChildren();
  $("main").hidden = false;
  editor.open(documentName);
  endFollowing = node.follow(id, {
    onEvent: takeEvent,
    onState: (state) => {
      setConnection(state);
      if (state === "live") refreshAll();
    },
  });
}

function takeEvent(data) {
  const hasGap = sequence !== undefined && data.sequence !== sequence + 1;
  sequence = data.sequence;
  const events = data.events.map(({ kind, data: bytes }) => ({ kind, payload: parse(bytes) }));
  showEvents(data, events);
  show.node();
  if (hasGap || events.length === 0) refreshAll();
  for (const { kind, payload } of events) {
    if (kind === "Edited") {
      show.documents();
      if (payload?.document === documentName) show.editor();
      else show.previews(payload?.document);
    } else if (kind === "Tallied") show.tallies(payload?.name);
    else if (kind === "Put") show.settings(payload?.key);
    else if (kind === "Tagged") show.tags(payload?.tag);
  }
}

function refreshAll() {
  for (const refresh of Object.values(show)) refresh();
}

const parse = (bytes) => {
  try {
    return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes)));
  } catch {
    return undefined;
  }
};

async function showDocuments() {
  const existing = [...(await call("documents"))].sort();
  if (!isDocumentChosen && existing.length > 0 && !existing.includes(documentName)) openDocument(existing[0]);
  const names = new Set([...existing, documentName]);
  $("documents").replaceChildren(
    ...[...names].sort().map((name) => {
      const button = make("button", { type: "button", text: name });
      button.setAttribute("aria-current", String(name === documentName));
      button.onclick = () => chooseDocument(name);
      return button;
    }),
  );
  await previews.show(existing.filter((name) => name !== documentName));
}

async function showPreviews(names) {
  for (const name of names) await previews.changed(name);
}

function chooseDocument(name) {
  isDocumentChosen = true;
  openDocument(name);
}

function openDocument(name) {
  documentName = name;
  editor.open(name);
  show.documents();
}

async function showTallies(fresh) {
  const tallies = Object.entries(await call("tallies")).sort();
  $("tallies").replaceChildren(
    ...tallies.map(([name, value]) => {
      const item = make("li", { class: fresh.has(name) ? "fresh" : "" });
      const change = (label, by) => {
        const button = make("button", {
          type: "button",
          text: label,
          label: `${name} ${by > 0 ? "up" : "down"} by one`,
        });
        button.onclick = () => attempt(() => call("tally", { name, by }));
        return button;
      };
      item.append(make("span", { class: "name", text: name }), change("−", -1));
      item.append(make("span", { class: "value", text: value }), change("+", 1));
      return item;
    }),
  );
}

async function showSettings(fresh) {
  const settings = Object.entries(await call("settings")).sort();
  $("settings-count").textContent = settings.length === 0 ? "" : settings.length;
  $("settings").replaceChildren(
    ...settings.map(([key, value]) => {
      const row = make("div", { class: fresh.has(key) ? "fresh" : "" });
      row.append(make("dt", { class: "name", text: key }), make("dd", { class: "value", text: value }));
      return row;
    }),
  );
}

async function showTags(fresh) {
  const tags = [...(await call("tags"))].sort();
  $("tags").replaceChildren(
    ...tags.map((tag) => {
      const item = make("li", { class: fresh.has(tag) ? "fresh" : "" });
      const button = make("button", { type: "button", text: `${tag} ×`, label: `remove the tag ${tag}` });
      button.onclick = () => attempt(() => call("tag", { tag, present: false }));
      item.append(button);
      return item;
    }),
  );
}

async function showNode() {
  if (contextId === undefined) return;
  const [context, status] = await Promise.all([
    node.get(`/admin-api/contexts/${contextId}`),
    node.get("/admin-api/status"),
  ]);
  $("root").textContent = context.rootHash;
  $("heads").textContent = context.heads.map((head) => head.slice(0, 12)).join(" ");
  $("deltas").textContent = context.pending === 0 ? context.deltas : `${context.deltas}, ${context.pending} waiting`;
  $("members").textContent = context.members.length;
  $("peers").textContent =
    status.peers.length === 0 ? "none connected" : status.peers.map(({ peerId }) => peerId.slice(-8)).join(" ");
  drawMark(context.rootHash);
}

/** Each character of the root is one bar, so that equal states are seen to be equal. */
function drawMark(root) {
  const bars = [...root].map((character, index) => {
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const code = character.charCodeAt(0);
    const height = 4 + ((code * 7) % 41);
    const width = 320 / root.length;
    const box = { x: index * width, y: 44 - height, width: width * 0.6, height };
    for (const [name, value] of Object.entries(box)) bar.setAttribute(name, String(value));
    if (code % 5 === 0) bar.setAttribute("class", "back");
    return bar;
  });
  $("mark").replaceChildren(...bars);
}

/** Equal events in a row, such as keystrokes, are one line with a count. */
function showEvents({ local }, events) {
  const list = $("events");
  for (const { kind, payload } of events) {
    const from = local ? "here" : "remote";
    const subject = Object.values(payload ?? {}).find((value) => typeof value === "string") ?? "";
    const last = list.firstElementChild;
    const isSame = last?.dataset.subject === `${from} ${kind} ${subject}`;
    const count = isSame ? Number(last.dataset.count) + 1 : 1;
    const item = make("li", { class: "fresh", "data-subject": `${from} ${kind} ${subject}`, "data-count": count });
    const what = make("span", { text: count === 1 ? kind : `${kind} ×${count}` });
    what.append(make("span", { class: "payload", text: describe(payload) }));
    item.append(make("span", { class: "from", text: from }), what);
    if (isSame) last.replaceWith(item);
    else list.prepend(item);
  }
  while (list.children.length > EVENTS_SHOWN_MAX) list.lastElementChild.remove();
}

function describe(payload) {
  return Object.entries(payload ?? {})
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

function setConnection(state) {
  $("connection").dataset.state = state;
  $("context").hidden = contextId === undefined;
  $("connection").textContent = { live: "live", lost: "lost, trying again", waiting: "waiting" }[state];
  if (state === "live") $("problem").hidden = true;
}

function make(tag, { text, label, ...attributes }) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== "") element.setAttribute(name, value);
  if (label !== undefined) element.setAttribute("aria-label", label);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** What the node refuses is shown; a node that has gone shows as a lost connection already. */
async function attempt(action) {
  try {
    await action();
  } catch (error) {
    report(error);
  }
}

function report(error) {
  if (error instanceof TypeError && error.message.includes("fetch")) return;
  if (error.code === "UNAUTHORIZED") {
    endFollowing();
    askForToken("The node's token has changed.");
    return;
  }
  $("problem").textContent = error.message;
  $("problem").hidden = false;
  setTimeout(() => {
    $("problem").hidden = true;
  }, STATUS_INTERVAL_MS);
}

function onSubmit(formId, inputId, action) {
  $(formId).addEventListener("submit", (event) => {
    event.preventDefault();
    const value = $(inputId).value.trim();
    if (value === "") return;
    $(formId).reset();
    void attempt(() => action(value));
  });
}

$("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", $("token").value.trim());
  $("ask").reset();
  void start();
});
$("contexts").addEventListener("change", ({ target }) => openContext(target.value));
onSubmit("new-document", "document-name", chooseDocument);
onSubmit("new-tally", "tally-name", (name) => call("tally", { name, by: 1 }));
onSubmit("new-tag", "tag-name", (tag) => call("tag", { tag, present: true }));
$("new-setting").addEventListener("submit", (event) => {
  event.preventDefault();
  const [key, value] = [$("setting-key").value.trim(), $("setting-value").value];
  $("new-setting").reset();
  void attempt(() => call("put", { key, value }));
});
setInterval(show.node, STATUS_INTERVAL_MS);
void start();
