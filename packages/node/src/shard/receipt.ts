/** How far a delta of a context has got, as those outside are told; waits for more, not for ever. */
import { type ApiErrorCode, type DeltaReceipt, RECEIPT_WAIT_MS_MAX, type ReceiptRequest } from "@dunlin/api";
import { type DeltaId, deltaId, err, idToText, ok, type Result, textToId } from "@dunlin/core/base";
import type { Replica } from "@dunlin/core/replica";

export async function receiptOf(replica: Replica, request: ReceiptRequest): Promise<Result<DeltaReceipt>> {
  const id = textToId(request.deltaId);
  if (!id) return err<ApiErrorCode>("PARAMS_INVALID", "deltaId is not an id in base58");
  const { receipts } = replica;
  const receipt = request.until ? await wait(receipts, deltaId(id), request) : receipts.of(deltaId(id));
  if (!receipt.ok) return receipt;
  const { applied, persisted, replicated, members, stable } = receipt.value;
  return ok({ applied, persisted, replicated, members: members.map(idToText), stable });
}

function wait(
  receipts: Replica["receipts"],
  id: DeltaId,
  { until, count = 1, waitMs = RECEIPT_WAIT_MS_MAX }: ReceiptRequest,
): ReturnType<Replica["receipts"]["waitFor"]> {
  const goal = until === "stable" ? ({ stable: true } as const) : { replicated: count };
  return receipts.waitFor(id, goal, AbortSignal.timeout(Math.min(waitMs, RECEIPT_WAIT_MS_MAX)));
}
