/**
 * What `dunlin dev` prints: lines for people, each with the time, the node and what it is, or with `--json` one object a
 * line. Texts of the application and of its callers never reach the terminal but as printable characters.
 */
import type { ContextEvent } from "@dunlin/api";
import type { AbiMethod } from "@dunlin/runtime";
import type { Ports } from "../command.ts";
import { printable } from "../printable.ts";
import type { Artefact } from "./build.ts";
import type { DevEvent, DevNode, Label } from "./dev-nodes.ts";
import { type MethodProfile, profileLines } from "./profile.ts";
import { reportLines, type SourceError } from "./source-error.ts";

/** Of a call's arguments and answer, what is shown. */
const VALUE_CHARS_MAX = 100;
const ID_CHARS = 8;
/** Commits whose author is remembered, to say how long they took to the others. */
const COMMITS_REMEMBERED_MAX = 1000;

type Colour = "red" | "green" | "yellow" | "dim" | Label;
const SGR: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33, dim: 2, a: 36, b: 35, c: 34 };

export class Show {
  readonly #ports: Ports;
  readonly #json: boolean;
  readonly #seenMsByDelta = new Map<string, { readonly node: Label; readonly atMs: number }>();

  constructor(ports: Ports, json: boolean) {
    this.#ports = ports;
    this.#json = json;
  }

  ready(contextId: string, artefact: Artefact, nodes: readonly DevNode[]): void {
    const { applicationId, name, version } = artefact;
    const told = nodes.map(({ label, home, started }) => ({ name: label, url: started.server.url, home }));
    if (this.#json) return this.#out({ kind: "ready", contextId, applicationId, name, version, nodes: told });
    this.#line(`${titleOf(artefact)}, application ${applicationId}`);
    this.#line("");
    for (const { label, home, started } of nodes) {
      this.#line(`  ${this.#paint(label, label)}  api   ${started.server.url}`);
      if (started.hasPage) this.#line(`     page  ${started.server.url}/app/#token=${started.token}`);
      this.#line(`     home  ${home}`);
    }
    const methods = artefact.abi?.methods ?? [];
    const method = methods.find(({ kind }) => kind === "mutation") ?? methods[0];
    const call = `${contextId} ${method?.name ?? "METHOD"} '${exampleOf(method)}'`;
    const lines = [
      "",
      `context ${contextId}`,
      "",
      "try, in another terminal:",
      `  dunlin call --home ${told[0]?.home} ${call}`,
    ];
    for (const line of [...lines, "", "a save runs the new version, the state is kept; Ctrl-C ends", ""])
      this.#line(line);
  }

  errors(errors: readonly SourceError[], isRunning: boolean): void {
    if (this.#json) return this.#out({ kind: "errors", errors });
    for (const line of reportLines(errors)) this.#line(this.#paint("red", printable(line)));
    const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
    this.#line(`${this.#time()}  ${count}; ${isRunning ? "the version before goes on" : "waiting for a change"}`);
  }

  reloaded(artefact: Artefact, ms: number, changes: readonly string[]): void {
    const { applicationId, name, version } = artefact;
    if (this.#json) return this.#out({ kind: "reload", applicationId, name, version, ms, changes });
    const head = `reloaded in ${Math.round(ms)} ms: ${titleOf(artefact)}, the state is kept`;
    this.#line(`${this.#time()}  ${this.#paint("green", head)}`);
    for (const change of changes) this.#line(`  ${printable(change)}`);
  }

  note(text: string): void {
    if (this.#json) return this.#out({ kind: "note", text });
    this.#line(`${this.#time()}  ${this.#paint("dim", printable(text))}`);
  }

  profile(rows: readonly MethodProfile[], artefact: Artefact): void {
    const { name, version } = artefact;
    if (this.#json) return this.#out({ kind: "profile", name, version, methods: rows });
    this.#line("");
    this.#line(`profile of ${titleOf(artefact)}`);
    for (const line of profileLines(rows)) this.#line(`  ${printable(line)}`);
    this.#line("");
  }

  event(event: DevEvent): void {
    switch (event.kind) {
      case "call":
        return this.#call(event);
      case "commit":
        return this.#commit(event);
      case "log":
        return this.#log(event);
    }
  }

  #call({ node, request, result, ms }: DevEvent & { readonly kind: "call" }): void {
    const { method, args } = request;
    if (this.#json) {
      const outcome = result.ok ? { ok: true, ...result.value } : { ok: false, ...result.error };
      return this.#out({ kind: "call", node, method, args, ms, ...outcome });
    }
    const called = `${method} ${shortened(args)}`;
    if (!result.ok) {
      return this.#row(
        node,
        "call",
        `${called}  ${this.#paint("red", printable(`${result.error.code} ${result.error.message}`))}`,
        ms,
      );
    }
    const { output, deltaId } = result.value;
    const wrote = deltaId === null ? "" : `  delta ${short(deltaId)}`;
    const answer = output === null && deltaId !== null ? "" : ` = ${shortened(output)}`;
    this.#row(node, "call", printable(`${called}${answer}${wrote}`), ms);
  }

  #commit({ node, atMs, event }: DevEvent & { readonly kind: "commit" }): void {
    const { local, deltas, events, newRoot } = event;
    if (this.#json) {
      this.#out({
        kind: "commit",
        node,
        local,
        deltas,
        root: newRoot,
        events: events.map(({ kind, data }) => ({ kind, data })),
      });
    } else if (local) {
      this.#remember(node, atMs, event);
      this.#row(node, "delta", `${deltas.map(short).join(" ")}${rootOf(event)}`);
      for (const { kind, data } of events) this.#row(node, "event", printable(`${kind} ${shortenedText(data)}`));
    } else this.#row(node, "delta", `${this.#origin(atMs, event)}${rootOf(event)}`);
  }

  /** The others tell a commit's events again; who reads has seen them where it was made. */
  #origin(atMs: number, { deltas }: ContextEvent): string {
    const made = this.#seenMsByDelta.get(deltas.at(-1) ?? "");
    const from = made ? `  from ${made.node}, ${Math.max(0, atMs - made.atMs).toFixed(1)} ms later` : "  from another";
    return `${deltas.map(short).join(" ")}${from}`;
  }

  #remember(node: Label, atMs: number, { deltas }: ContextEvent): void {
    for (const delta of deltas) this.#seenMsByDelta.set(delta, { node, atMs });
    for (const delta of this.#seenMsByDelta.keys()) {
      if (this.#seenMsByDelta.size <= COMMITS_REMEMBERED_MAX) return;
      this.#seenMsByDelta.delete(delta);
    }
  }

  #log({ node, level, event, fields }: DevEvent & { readonly kind: "log" }): void {
    if (event === "application.log") {
      const { method, line } = fields;
      if (this.#json) return this.#out({ kind: "log", node, method, line });
      return this.#row(node, "log", printable(`${method}: ${line}`));
    }
    // What an author's node does besides is of interest when it goes wrong.
    if (level !== "warn" && level !== "error") return;
    if (this.#json) return this.#out({ kind: "node", node, level, event, fields });
    this.#row(
      node,
      level,
      this.#paint(level === "error" ? "red" : "yellow", printable(`${event} ${JSON.stringify(fields)}`)),
    );
  }

  #row(node: Label, kind: string, text: string, ms?: number): void {
    const took = ms === undefined ? "" : this.#paint("dim", `  ${ms.toFixed(1)} ms`);
    this.#line(`${this.#time()}  ${this.#paint(node, node)}  ${kind.padEnd(5)}  ${text}${took}`);
  }

  #time(): string {
    const at = new Date(this.#ports.clock.now());
    const [h, m, s] = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0"));
    return this.#paint("dim", `${h}:${m}:${s}.${String(at.getMilliseconds()).padStart(3, "0")}`);
  }

  #paint(colour: Colour, text: string): string {
    return this.#ports.colours ? `\u001b[${SGR[colour]}m${text}\u001b[0m` : text;
  }

  #line(line: string): void {
    this.#ports.out(line);
  }

  #out(value: object): void {
    this.#ports.out(printable(JSON.stringify(value)));
  }
}

function rootOf({ newRoot }: ContextEvent): string {
  return newRoot === "" ? "" : `  root ${short(newRoot)}`;
}

function short(id: string): string {
  return id.slice(0, ID_CHARS);
}

function shortened(value: unknown): string {
  return shortenedText(JSON.stringify(value) ?? "");
}

function shortenedText(text: string): string {
  return text.length > VALUE_CHARS_MAX ? `${text.slice(0, VALUE_CHARS_MAX)}...` : text;
}

function titleOf({ name, version }: Artefact): string {
  return printable(version === "" ? name : `${name} ${version}`);
}

/** Arguments of the right shape, as far as the types tell. */
function exampleOf(method: AbiMethod | undefined): string {
  const values: Readonly<Record<string, unknown>> = { bool: true, f64: 1, string: "x", list: [] };
  const needed = method?.params.filter(({ nullable }) => nullable !== true) ?? [];
  const args = needed.map(({ name, type }) => [name, "kind" in type ? (values[type.kind] ?? {}) : {}]);
  return JSON.stringify(Object.fromEntries(args));
}
