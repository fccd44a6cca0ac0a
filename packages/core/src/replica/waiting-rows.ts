/**
 * What waits, as it lies in the store: written behind the commits, since nobody was told that it is held, and loaded
 * when the context is opened. Sync would bring it back; this saves asking for it again.
 *
 *   'p' id:  u8 flags (1 proven, 2 its own signature checked) | varint since (ms) | varint span, when proven
 *            bytes delta | varint n, n x 64 bytes: other signatures, when not proven
 *
 * With them go the chains that vouch for admitted deltas ('v', `vouchers.ts`) and what was counted again (`reissue.ts`).
 */
import {
  type ContextId,
  concatBytes,
  idKeyToBytes,
  Reader,
  type ReadView,
  type WriteOperation,
  Writer,
} from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import {
  DELTA_BYTES_MAX,
  decodeDelta,
  type Held,
  SIGNATURE_BYTES,
  SIGNATURES_PER_UNPROVEN_MAX,
  trustStored,
} from "../dag/index.ts";
import type { Admission } from "./admission.ts";
import type { Reissues } from "./reissue.ts";
import { decodeVouchers, encodeVouchers, orderKey, tablePrefix, tableRange } from "./rows.ts";

const PROVEN = 1;
const SIGNED = 2;

export class WaitingRows {
  readonly #context: ContextId;
  readonly #admission: Pick<Admission, "pending" | "vouchers">;
  readonly #reissues: Reissues;
  /** Keys of the deltas that have a row. */
  readonly #written = new Set<string>();

  constructor(context: ContextId, admission: Pick<Admission, "pending" | "vouchers">, reissues: Reissues) {
    this.#context = context;
    this.#reissues = reissues;
    this.#admission = admission;
  }

  get isDirty(): boolean {
    const { pending, vouchers } = this.#admission;
    return pending.isDirty || vouchers.isDirty || this.#reissues.isDirty;
  }

  /** Takes in what the store holds; what does not decode is let go of, since sync brings it back. */
  load(crypto: Pick<Crypto, "sha256">, view: ReadView, take: (held: Held) => void): void {
    const prefix = tablePrefix(this.#context, "p");
    for (const [key, value] of view.range(tableRange(prefix))) {
      this.#written.add(String.fromCharCode(...key.subarray(prefix.length)));
      const held = decodeHeld(crypto, this.#context, value);
      if (held) take(held);
    }
    const vouchers = tablePrefix(this.#context, "v");
    for (const [key, value] of view.range(tableRange(vouchers))) {
      const chain = decodeVouchers(value);
      if (chain) this.#admission.vouchers.restore(orderOfKey(key), chain);
    }
  }

  /** What brings the rows up to date. */
  takeOperations(): WriteOperation[] {
    const { pending, vouchers } = this.#admission;
    const operations: WriteOperation[] = this.#reissues.takeOperations();
    const prefix = tablePrefix(this.#context, "p");
    for (const { key, held } of pending.takeDirty()) {
      const row = concatBytes(prefix, idKeyToBytes(key));
      if (held) {
        operations.push({ kind: "put", key: row, value: encodeHeld(held) });
        this.#written.add(key);
      } else if (this.#written.delete(key)) operations.push({ kind: "delete", key: row });
    }
    for (const { order, chain } of vouchers.takeDirty()) {
      const key = orderKey(tablePrefix(this.#context, "v"), order);
      operations.push({ kind: "put", key, value: encodeVouchers(chain) });
    }
    return operations;
  }
}

export function encodeHeld({ waiting, sinceMs }: Held): Uint8Array {
  const flags = (waiting.proven ? PROVEN : 0) | (waiting.proven && waiting.isSigned ? SIGNED : 0);
  const writer = new Writer(waiting.delta.bytes.length + 32).u8(flags).varint(sinceMs);
  if (waiting.proven) return writer.varint(waiting.span).bytes(waiting.delta.bytes).toBytes();
  writer.bytes(waiting.delta.bytes).varint(waiting.otherSignatures.length);
  for (const signature of waiting.otherSignatures) writer.raw(signature);
  return writer.toBytes();
}

export function decodeHeld(crypto: Pick<Crypto, "sha256">, context: ContextId, bytes: Uint8Array): Held | undefined {
  const reader = new Reader(bytes);
  const flags = reader.u8();
  const proven = (flags & PROVEN) !== 0;
  if (flags > (PROVEN | SIGNED) || flags === SIGNED) return undefined;
  const sinceMs = reader.varint();
  const span = proven ? reader.varint() : 0;
  const deltaBytes = reader.bytes(DELTA_BYTES_MAX).slice();
  const otherSignatures: Uint8Array[] = [];
  const count = proven ? 0 : reader.count(SIGNATURES_PER_UNPROVEN_MAX - 1);
  for (let i = 0; i < count; i++) otherSignatures.push(reader.raw(SIGNATURE_BYTES).slice());
  const decoded = reader.finish() ? decodeDelta(crypto, context, deltaBytes) : undefined;
  if (!decoded?.ok) return undefined;
  const delta = decoded.value;
  if (!proven) return { sinceMs, waiting: { proven, delta, otherSignatures } };
  return { sinceMs, waiting: { proven, delta: trustStored(delta), isSigned: (flags & SIGNED) !== 0, span } };
}

function orderOfKey(key: Uint8Array): number {
  const view = new DataView(key.buffer, key.byteOffset + key.length - 6, 6);
  return view.getUint16(0) * 0x1_0000_0000 + view.getUint32(2);
}
