import { expect, it } from "vitest";
import type { Ports } from "../command.ts";
import type { DevEvent, Happening, Label } from "./dev-nodes.ts";
import { Show } from "./show.ts";

function show(options: { readonly json?: boolean; readonly colours?: boolean } = {}) {
  const lines: string[] = [];
  const ports: Ports = {
    out: (line) => void lines.push(line),
    err: () => {},
    colours: options.colours === true,
    env: {},
    clock: { now: () => new Date(2026, 0, 2, 3, 4, 5, 6).getTime() },
    openNode: () => Promise.reject(new Error("no node is opened here")),
    untilStopped: () => Promise.resolve(),
  };
  return { lines, show: new Show(ports, options.json === true) };
}

const at = (node: Label, atMs: number, happening: Happening): DevEvent => ({ ...happening, node, atMs });
const request = { contextId: "c", method: "put", args: { key: "a" } };
const commit = { contextId: "c", sequence: 1, newRoot: "ROOTROOTROOT", deltas: ["DELTADELTA"] };
const events = [{ kind: "Put", data: '{"key":"a"}', handler: null }];

/** A call, what it wrote, and that arriving elsewhere. */
const story: readonly DevEvent[] = [
  at("a", 1, {
    kind: "log",
    level: "info",
    event: "application.log",
    fields: { method: "put", line: "hello\u001b[2J" },
  }),
  at("a", 2, { kind: "commit", event: { ...commit, local: true, events } }),
  at("a", 2, {
    kind: "call",
    request,
    result: { ok: true, value: { output: null, deltaId: "DELTADELTA" } },
    ms: 1.234,
  }),
  at("b", 7, { kind: "commit", event: { ...commit, local: false, events } }),
  at("c", 8, { kind: "call", request, result: { ok: false, error: { code: "NO", message: "not\nso" } }, ms: 2 }),
  at("c", 9, { kind: "log", level: "info", event: "sync.begun", fields: {} }),
  at("c", 9, { kind: "log", level: "warn", event: "sync.failed", fields: { reason: "x" } }),
];

it("tells what happens, by node, and how long a delta took to the others", () => {
  const { lines, show: shown } = show();
  for (const event of story) shown.event(event);
  expect(lines).toEqual([
    "03:04:05.006  a  log    put: hello\\u001b[2J",
    "03:04:05.006  a  delta  DELTADEL  root ROOTROOT",
    '03:04:05.006  a  event  Put {"key":"a"}',
    '03:04:05.006  a  call   put {"key":"a"}  delta DELTADEL  1.2 ms',
    "03:04:05.006  b  delta  DELTADEL  from a, 5.0 ms later  root ROOTROOT",
    '03:04:05.006  c  call   put {"key":"a"}  NO not\\u000aso  2.0 ms',
    '03:04:05.006  c  warn   sync.failed {"reason":"x"}',
  ]);
});

it("has colours only where they are wanted, and they say the same", () => {
  const [plain, coloured] = [show(), show({ colours: true })];
  for (const one of [plain, coloured]) {
    for (const event of story) one.show.event(event);
    one.show.errors([{ file: "app.ts", line: 1, column: 1, code: "TS1", message: "wrong", text: "x" }], true);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are control characters
  const bare = coloured.lines.map((line) => line.replace(/\u001b\[\d+m/g, ""));
  expect(bare).toEqual(plain.lines);
  expect(coloured.lines).not.toEqual(plain.lines);
});

it("is one object a line with --json, of the same things", () => {
  const { lines, show: shown } = show({ json: true });
  for (const event of story) shown.event(event);
  shown.errors([], false);
  shown.note("text");
  const kinds = lines.map((line) => JSON.parse(line).kind);
  expect(kinds).toEqual(["log", "commit", "call", "commit", "call", "node", "errors", "note"]);
  expect(JSON.parse(lines[2] ?? "")).toEqual({
    kind: "call",
    node: "a",
    method: "put",
    args: { key: "a" },
    ms: 1.234,
    ok: true,
    output: null,
    deltaId: "DELTADELTA",
  });
});
