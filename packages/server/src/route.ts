/** What a route is: data. A route without a permission does not compile, and one unknown to the table is refused. */
import type { Result } from "@dunlin/core/base";

/**
 * Who may ask: anybody who reaches the port (`open`), or the bearer of a token that may read, write (call, sync), or
 * administer (install, create, invite, join). The operator's token may all three.
 */
export type Permission = "open" | "read" | "write" | "admin";

export interface RouteCall {
  /** The id in the path, for a path that has one. */
  readonly id: unknown;
  /** The parsed body; undefined when there was none. */
  readonly body: unknown;
  /** Fires when the client has gone. */
  signal(): AbortSignal;
  /** Begins what must follow the connection's earlier requests: see `turns.ts`. */
  inTurn<T>(start: () => Promise<T>): Promise<T>;
}

export interface Route {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly permission: Permission;
  /** Of the answer; JSON when absent. */
  readonly type?: string;
  /** The value is the body of the answer: text where the type says so. */
  answer(call: RouteCall): Promise<Result<unknown>>;
}
