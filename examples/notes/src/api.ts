/** A node's HTTP API: what the demonstration asks of it, one request at a time. */
import type { ContextInfo, NodeStatus } from "@dunlin/api";
import { DemoFailure, EXIT, reasonOf } from "./failure.ts";
import { REQUEST_TIMEOUT_MS } from "./limits.ts";

export class NodeApi {
  readonly url: string;
  readonly token: string;

  constructor(url: string, token: string) {
    this.url = url;
    this.token = token;
  }

  status(): Promise<NodeStatus> {
    return this.#ask("GET", "/admin-api/status");
  }

  async install(path: string): Promise<string> {
    const installed = await this.#ask<{ applicationId: string }>("POST", "/admin-api/install-dev-application", {
      path,
    });
    return installed.applicationId;
  }

  async createContext(
    applicationId: string,
  ): Promise<{ readonly contextId: string; readonly memberPublicKey: string }> {
    return this.#ask("POST", "/admin-api/contexts", { applicationId });
  }

  async createIdentity(): Promise<string> {
    return (await this.#ask<{ publicKey: string }>("POST", "/admin-api/identity/context")).publicKey;
  }

  invite(contextId: string, inviteeId: string): Promise<string> {
    return this.#ask("POST", "/admin-api/contexts/invite", { contextId, inviteeId });
  }

  join(invitationPayload: string): Promise<{ readonly contextId: string }> {
    return this.#ask("POST", "/admin-api/contexts/join", { invitationPayload });
  }

  context(contextId: string): Promise<ContextInfo> {
    return this.#ask("GET", `/admin-api/contexts/${contextId}`);
  }

  async #ask<T>(method: "GET" | "POST", path: string, body?: object): Promise<T> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}` };
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const request = { method, headers, signal, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    try {
      const answer = (await (await fetch(this.url + path, request)).json()) as { data?: T; error?: unknown };
      if (answer.error === undefined) return answer.data as T;
      throw new Error(String(answer.error));
    } catch (thrown) {
      throw new DemoFailure(EXIT.unequal, `${method} ${this.url}${path} failed: ${reasonOf(thrown)}`, {
        cause: thrown,
      });
    }
  }
}
