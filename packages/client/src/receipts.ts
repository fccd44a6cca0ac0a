/** How far a delta has got, asked of a node, once or until it has got far enough. */
import { type DeltaReceipt, RECEIPT_WAIT_MS_MAX, type ReceiptRequest } from "@dunlin/api";
import { clientError } from "./client-error.ts";
import { type CallOptions, isObject, type NodeAddress, request, TIMEOUT_MS } from "./requests.ts";

/** As many other installations have the delta on their disk, or all that ever wrote. */
export type ReceiptGoal = { readonly replicated: number } | "stable";

export async function receiptOf(
  address: NodeAddress,
  asked: ReceiptRequest,
  options?: CallOptions,
): Promise<DeltaReceipt> {
  const { data } = await request(address, "POST", "/admin-api/contexts/receipt", asked, options);
  if (!isObject(data)) throw clientError("NODE_INVALID", "the node told of a receipt in another form");
  return data as unknown as DeltaReceipt;
}

/** A node answers after a while in any case, so it is asked again until the time is over. */
export async function waitForReceipt(
  address: NodeAddress,
  delta: Pick<ReceiptRequest, "contextId" | "deltaId">,
  goal: ReceiptGoal,
  { timeoutMs = TIMEOUT_MS, signal }: CallOptions = {},
): Promise<DeltaReceipt> {
  const isReached = ({ stable, replicated }: DeltaReceipt): boolean =>
    goal === "stable" ? stable : replicated >= goal.replicated;
  const until = goal === "stable" ? { until: goal } : ({ until: "replicated", count: goal.replicated } as const);
  const endMs = performance.now() + timeoutMs;
  for (;;) {
    const leftMs = Math.ceil(endMs - performance.now());
    if (leftMs <= 0) throw clientError("TIMEOUT", `the receipt did not say so in ${timeoutMs} ms`);
    const waitMs = Math.min(leftMs, RECEIPT_WAIT_MS_MAX);
    const receipt = await receiptOf(address, { ...delta, ...until, waitMs }, signal && { signal });
    if (isReached(receipt)) return receipt;
  }
}
