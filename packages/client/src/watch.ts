/**
 * The events of contexts, as they are committed, over one WebSocket that is opened again when it is lost.
 *
 * Invariant: nothing is left out in silence. Where events may have been missed, because the connection was lost, the node
 * closed it as too slow, or the reader here did not keep up, one `gap` stands in their place: read the state anew.
 */
import { type Json, type PresenceEvent, parseJson } from "@dunlin/api";
import { jsonToValue } from "@dunlin/core/base";
import { ClientError, clientError } from "./client-error.ts";
import { baseOf, isObject, type JsonObject, type NodeAddress, request } from "./requests.ts";

export type WatchedEvent =
  | { readonly kind: "commit"; readonly commit: ContextCommit }
  /** Events may have been missed. */
  | { readonly kind: "gap"; readonly reason: string };

export interface ContextCommit {
  readonly contextId: string;
  readonly rootHash: string;
  /** True when it was made on the node that tells of it. */
  readonly local: boolean;
  readonly deltas: readonly string[];
  readonly events: readonly { readonly kind: string; readonly data: unknown }[];
}

export interface WatchOptions {
  readonly signal?: AbortSignal;
  /** Told of every change of who is there in these contexts; after a gap, `presence.list` says how it stands. */
  readonly onPresence?: (event: PresenceEvent) => void;
  /** Another `WebSocket` than the platform's: Node has one from version 22. */
  readonly WebSocket?: new (
    url: string,
  ) => WatchSocket;
}

/** What is used of a `WebSocket`. */
export interface WatchSocket {
  onopen: ((event: never) => void) | null;
  /** With a `data`. */
  onmessage: ((event: never) => void) | null;
  /** With a `code` and a `reason`. */
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(text: string): void;
  close(): void;
}

const EVENTS_WAITING_MAX = 4_096;
const RETRY_FIRST_MS = 250;
const RETRY_MAX_MS = 15_000;

/** Ends when its signal is aborted or its reader breaks off. Throws what the node refuses, and when it is not there. */
export async function* watch(
  address: NodeAddress,
  contextIds: readonly string[],
  options: WatchOptions = {},
): AsyncGenerator<WatchedEvent, void, undefined> {
  const Socket = options.WebSocket ?? (globalThis as { WebSocket?: WatchOptions["WebSocket"] }).WebSocket;
  if (Socket === undefined) throw new TypeError("this platform has no WebSocket: pass one, as { WebSocket }");
  let wasConnected = false;
  for (let tries = 0; !options.signal?.aborted; ) {
    const stream = new EventStream(options.onPresence);
    const stop = (): void => stream.end("stopped");
    options.signal?.addEventListener("abort", stop, { once: true });
    try {
      const ticket = await ticketOf(address, options.signal);
      if (options.signal?.aborted) return;
      wasConnected = true;
      stream.open(new Socket(`${baseOf(address.url).replace(/^http/, "ws")}/ws?ticket=${ticket}`), contextIds);
      for await (const event of stream) {
        tries = 0;
        yield event;
      }
      if (options.signal?.aborted) return;
      yield { kind: "gap", reason: stream.reason };
    } catch (thrown) {
      if (options.signal?.aborted) return;
      const isAway = thrown instanceof ClientError && thrown.code === "NODE_UNREACHABLE";
      if (!isAway || !wasConnected) throw thrown;
    } finally {
      options.signal?.removeEventListener("abort", stop);
      stream.end("stopped");
    }
    await wait(Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(tries++, 16)), options.signal);
  }
}

/** A socket's address shows in logs, so it carries a ticket for one use and not the token. */
async function ticketOf(address: NodeAddress, signal: AbortSignal | undefined): Promise<string> {
  const { data } = await request(address, "POST", "/admin-api/ws-ticket", undefined, signal ? { signal } : {});
  const ticket = isObject(data) ? data["ticket"] : data;
  if (typeof ticket !== "string") throw clientError("NODE_INVALID", "the node gave no ticket for its events");
  return encodeURIComponent(ticket);
}

/** What came and was not read yet; it ends when the socket does. */
class EventStream {
  reason = "the connection was lost";
  readonly #waiting: WatchedEvent[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #refusal: ClientError | undefined;
  #socket: WatchSocket | undefined;
  readonly #onPresence: ((event: PresenceEvent) => void) | undefined;

  constructor(onPresence: ((event: PresenceEvent) => void) | undefined) {
    this.#onPresence = onPresence;
  }

  open(socket: WatchSocket, contextIds: readonly string[]): void {
    this.#socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ id: 1, method: "subscribe", params: { contextIds } }));
    socket.onmessage = ({ data }) => this.#onText(String(data));
    socket.onclose = ({ reason }) => this.end(reason || "the connection was lost");
    // A close follows.
    socket.onerror = () => {};
    if (this.#ended) socket.close();
  }

  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.reason = reason;
    this.#socket?.close();
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WatchedEvent, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#refusal !== undefined) throw this.#refusal;
      else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  #onText(text: string): void {
    const parsed = parseJson(text);
    const message = parsed.ok && isObject(parsed.value) ? parsed.value : undefined;
    const { error, result, id } = message ?? {};
    if (isObject(error)) this.#refuse(String(error["code"] ?? error["type"]), String(error["message"]));
    else if (id !== null || !isObject(result)) return;
    else if (result["type"] === "Presence") this.#onPresence?.(readPresence(result));
    else this.#push(result);
  }

  #push(result: JsonObject): void {
    const event = readCommit(result);
    if (event === undefined) return this.#refuse("NODE_INVALID", "the node told of an event in another form");
    if (this.#waiting.length < EVENTS_WAITING_MAX) this.#waiting.push({ kind: "commit", commit: event });
    else this.end("this reader was too slow");
    this.#wake?.();
  }

  #refuse(code: string, message: string): void {
    this.#refusal = new ClientError(code, message);
    this.end(message);
  }
}

/** Of one release with the node: data is whatever the members show. */
function readPresence({ contextId, data }: JsonObject): PresenceEvent {
  return { contextId: String(contextId), ...(data as unknown as Omit<PresenceEvent, "contextId">) };
}

function readCommit({ contextId, data }: JsonObject): ContextCommit | undefined {
  if (typeof contextId !== "string" || !isObject(data)) return undefined;
  const { newRoot, local, deltas, events } = data;
  if (typeof newRoot !== "string" || !isList(deltas) || !isList(events)) return undefined;
  return {
    contextId,
    rootHash: newRoot,
    local: local === true,
    deltas: deltas.map(String),
    events: events.flatMap((event) => (isObject(event) ? [readEvent(event)] : [])),
  };
}

/** A payload travels as the bytes of its JSON text. */
function readEvent({ kind, data }: JsonObject): ContextCommit["events"][number] {
  const text = isList(data) ? new TextDecoder().decode(Uint8Array.from(data.map(Number))) : "null";
  const parsed = parseJson(text);
  return { kind: String(kind), data: parsed.ok ? (jsonToValue(parsed.value) ?? parsed.value) : text };
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal?.addEventListener("abort", done, { once: true });
  });
}
