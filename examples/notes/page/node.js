/**
 * A node, as a page reaches it: calls over HTTP and events over a socket that is opened again whenever it closes.
 * The token travels in a header only; the socket is opened with a ticket that is good once.
 */

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 10_000;

/** A refusal of the node, by its code. */
export class NodeError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "NodeError";
    this.code = code;
  }
}

export function createNode(token) {
  async function ask(method, path, body) {
    const headers = { Authorization: `Bearer ${token}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json();
    if (typeof answer.error === "string") throw new NodeError(answer.code, answer.error);
    if (answer.error !== undefined) throw new NodeError(answer.error.code, answer.error.message);
    return answer;
  }

  return {
    get: async (path) => (await ask("GET", path)).data,
    /** Runs a method of the context's application. */
    async call(contextId, method, argsJson = {}) {
      const params = { contextId, method, argsJson };
      const answer = await ask("POST", "/jsonrpc", { jsonrpc: "2.0", id: 1, method: "execute", params });
      return answer.result.output;
    },
    /** Follows a context; `onState` is told "live" or "lost". Returns what ends it. */
    follow(contextId, { onEvent, onState }) {
      let hasEnded = false;
      let socket;
      let timer;
      let delayMs = RETRY_MIN_MS;
      const retry = () => {
        if (hasEnded) return;
        onState("lost");
        timer = setTimeout(connect, delayMs);
        delayMs = Math.min(delayMs * 2, RETRY_MAX_MS);
      };
      const connect = async () => {
        let ticket;
        try {
          ({ ticket } = (await ask("POST", "/admin-api/ws-ticket")).data);
        } catch {
          retry();
          return;
        }
        if (hasEnded) return;
        socket = new WebSocket(`ws://${location.host}/ws?ticket=${ticket}`);
        socket.onopen = () =>
          socket.send(JSON.stringify({ id: 1, method: "subscribe", params: { contextIds: [contextId] } }));
        socket.onclose = retry;
        socket.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.id === null && frame.result !== undefined) {
            onEvent(frame.result.data);
          } else if (frame.id === 1 && frame.result !== undefined) {
            // From here on every event arrives, so what is read now and told later leaves no gap.
            delayMs = RETRY_MIN_MS;
            onState("live");
          }
        };
      };
      connect();
      return () => {
        hasEnded = true;
        clearTimeout(timer);
        if (socket !== undefined) {
          socket.onclose = null;
          socket.close();
        }
      };
    },
  };
}
