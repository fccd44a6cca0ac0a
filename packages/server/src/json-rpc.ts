/**
 * `POST /jsonrpc`, method `execute`: the shapes of the 0.10 server, so errors travel under status 200. Calls that a
 * client sends down one connection without waiting run in that order.
 */
import {
  executeParams,
  type NodeService,
  type RpcError,
  type RpcRequest,
  readRpcRequest,
  requestId,
  rpcError,
} from "@dunlin/api";
import { type Failure, type Log, ok } from "@dunlin/core/base";
import { toFailure } from "./failure.ts";
import type { Route } from "./route.ts";

export function createRpcRoute(options: { readonly service: NodeService; readonly log: Log }): Route {
  return {
    method: "POST",
    path: "/jsonrpc",
    permission: "write",
    async answer({ body, inTurn }) {
      const request = readRpcRequest(body);
      if (!request.ok) return ok({ jsonrpc: "2.0", id: requestId(body), error: rpcError(request.error) });
      const outcome = await inTurn(() => run(options, request.value));
      return ok({ jsonrpc: "2.0", id: request.value.id, ...outcome });
    },
  };
}

type Outcome = { readonly result: { readonly output: unknown; readonly deltaId: string | null } };

async function run(
  { service, log }: { readonly service: NodeService; readonly log: Log },
  { method, params }: RpcRequest,
): Promise<Outcome | { readonly error: RpcError }> {
  if (method !== "execute") {
    return refuse({ code: "RPC_METHOD_UNKNOWN", message: 'the method must be "execute"' });
  }
  const read = executeParams(params, "params");
  if (!read.ok) return refuse(read.error);
  const { contextId, argsJson, executorPublicKey: executor } = read.value;
  const request = { contextId, method: read.value.method, args: argsJson ?? {} };
  try {
    const done = await service.execute(executor === undefined ? request : { ...request, executor });
    if (!done.ok)
      return { error: rpcError(done.error, executor === undefined ? { contextId } : { contextId, executor }) };
    return { result: { output: done.value.output ?? null, deltaId: done.value.deltaId } };
  } catch (error) {
    return refuse(toFailure(error, log));
  }
}

function refuse(failure: Failure): { readonly error: RpcError } {
  return { error: rpcError(failure) };
}
