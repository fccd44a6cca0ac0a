// Written by `dunlin app client` from the application's interface: write it again instead of changing it.
import type { ExecuteOptions, NodeClient } from "@dunlin/client";

export interface Polls {
  readonly list: (
    options?: ExecuteOptions,
  ) => Promise<readonly { readonly id: string; readonly question: string; readonly isClosed: boolean }[]>;
  readonly results: (
    args: { readonly id: string },
    options?: ExecuteOptions,
  ) => Promise<{ readonly [key: string]: number }>;
  readonly mine: (args: { readonly id: string }, options?: ExecuteOptions) => Promise<string | null>;
  readonly open: (
    args: { readonly id: string; readonly question: string; readonly options: readonly string[] },
    options?: ExecuteOptions,
  ) => Promise<unknown>;
  readonly vote: (args: { readonly id: string; readonly option: string }, options?: ExecuteOptions) => Promise<unknown>;
  readonly withdraw: (args: { readonly id: string }, options?: ExecuteOptions) => Promise<unknown>;
  readonly close: (args: { readonly id: string }, options?: ExecuteOptions) => Promise<unknown>;
}

/** What the application's events carry, by kind. */
export interface PollsEvents {
  readonly Opened: { readonly id: string; readonly question: string };
  readonly Closed: { readonly id: string };
}

/** The application of a context, called through a node. */
export function connectPolls(node: NodeClient, contextId: string): Polls {
  return {
    list: (options) => node.call(contextId, "list", {}, options),
    results: (args, options) => node.call(contextId, "results", args, options),
    mine: (args, options) => node.call(contextId, "mine", args, options),
    open: (args, options) => node.call(contextId, "open", args, options),
    vote: (args, options) => node.call(contextId, "vote", args, options),
    withdraw: (args, options) => node.call(contextId, "withdraw", args, options),
    close: (args, options) => node.call(contextId, "close", args, options),
  };
}
