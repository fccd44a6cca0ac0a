/**
 * Deltas: 10,000 concurrent sets of the same keys joined, in one batch and one by one; updates with header and id; and
 * the bytes of a delta of ten operations.
 */
import { type ContextId, ID_BYTES, type Stamp } from "@dunlin/core/base";
import type { Document, Origin } from "@dunlin/core/crdt";
import { createAead, createCrypto, sha256 } from "@dunlin/core/crypto";
import { type DeltaBody, decodeBody, decodeDelta, encodeBody, signDelta, trustStored } from "@dunlin/core/dag";
import { decodePayload, encodePayload, openPayload, sealPayload } from "@dunlin/core/replica";
import type { Figures } from "../isolated.ts";
import { keep } from "../measure.ts";
import { openDocument, originAfter, otherOriginAfter } from "../subject.ts";
import { Samples } from "./samples.ts";

export const CONFLICTS = 10_000;
export const HEADED = 50_000;
export const ENCODED = 100_000;
export const SEALED = 20_000;
const OPERATIONS = 10;
const OPERATION_BYTES = 200;

export function deltas(runs: number): Figures {
  const samples = new Samples();
  for (let run = 0; run < runs; run++) {
    conflicts(samples);
    headed(samples);
    tenOperations(samples);
  }
  return samples.figures;
}

function conflicts(samples: Samples): void {
  const [batch, single, other] = [openDocument(), openDocument(), openDocument()];
  set(batch, originAfter(batch), 0, CONFLICTS);
  set(single, originAfter(single), 0, CONFLICTS);
  const origin = otherOriginAfter(batch);
  samples.time("conflictBatch", () => keep(batch.apply(set(other, origin, 0, CONFLICTS), origin)));
  const writer = openDocument();
  samples.time("conflictEach", () => {
    for (let i = 0; i < CONFLICTS; i++) {
      const each = otherOriginAfter(writer);
      keep(single.apply(set(writer, each, i, i + 1), each));
    }
  });
}

function set(document: Document, origin: Origin, from: number, to: number): Uint8Array {
  const transaction = document.begin(origin);
  const map = transaction.field("map", "entries");
  for (let i = from; i < to; i++) map.set(`key-${i}`, `value-${i}`);
  return transaction.commit() as Uint8Array;
}

function headed(samples: Samples): void {
  const [writer, reader] = [openDocument(), openDocument()];
  const bodies: Uint8Array[] = [];
  samples.time("headProduce", () => {
    for (let i = 0; i < HEADED; i++) {
      const origin = originAfter(writer);
      const joins = set(writer, origin, i, i + 1);
      const body = encodeBody(bodyOf(origin, encodePayload([{ kind: "call", offset: 0, joins, events: [] }])));
      keep(idOf(body));
      bodies.push(body);
    }
  });
  const origin = originAfter(writer);
  samples.time("headApply", () => {
    for (const bytes of bodies) {
      const body = decodeBody(bytes);
      keep(idOf(bytes));
      for (const entry of decodePayload(body?.payload ?? bytes) ?? []) {
        if (entry.kind === "call") reader.apply(entry.joins, { ...origin, stamp: body?.stamp ?? origin.stamp });
      }
    }
  });
  if (reader.field("map", "entries").size !== HEADED) throw new Error("not all updates were applied");
}

function tenOperations(samples: Samples): void {
  const joins = new Uint8Array(OPERATION_BYTES).fill(7);
  const entries = Array.from({ length: OPERATIONS }, () => ({ kind: "call" as const, offset: 0, joins, events: [] }));
  const origin = originAfter(openDocument());
  let bytes: Uint8Array = new Uint8Array(0);
  samples.time("tenEncode", () => {
    for (let i = 0; i < ENCODED; i++) bytes = encodeBody(bodyOf(origin, encodePayload(entries)));
  });
  samples.time("tenDecode", () => {
    for (let i = 0; i < ENCODED; i++) keep(decodePayload(decodeBody(bytes)?.payload ?? bytes));
  });
  samples.time("tenCopy", () => {
    for (let i = 0; i < ENCODED; i++) keep(bytes.slice());
  });
  sealing(samples, bodyOf(origin, encodePayload(entries)));
}

/** Beside the one signature that a delta needs in any case. */
function sealing(samples: Samples, body: DeltaBody): void {
  const crypto = createCrypto();
  const aead = createAead(crypto, new Uint8Array(32).fill(5));
  const signer = crypto.createSigner(new Uint8Array(32).fill(6));
  const context = new Uint8Array(ID_BYTES).fill(8) as ContextId;
  const { bytes } = signDelta(crypto, signer, context, sealPayload(aead, body));
  const decoded = decodeDelta(crypto, context, bytes);
  if (!decoded.ok) throw new Error(decoded.error.message);
  const delta = trustStored(decoded.value);
  if (openPayload(aead, delta).length !== OPERATIONS) throw new Error("what was sealed does not open");
  samples.time("tenSeal", () => {
    for (let i = 0; i < SEALED; i++) keep(sealPayload(aead, body));
  });
  samples.time("tenOpen", () => {
    for (let i = 0; i < SEALED; i++) keep(openPayload(aead, delta));
  });
  samples.time("tenSign", () => {
    for (let i = 0; i < SEALED; i++) keep(signer.sign(delta.id));
  });
}

function idOf(body: Uint8Array): Uint8Array {
  return sha256(body);
}

const prev = new Uint8Array(ID_BYTES).fill(3) as DeltaBody["parents"][number];

function bodyOf({ actor, stamp }: Origin, payload: Uint8Array): DeltaBody {
  return {
    author: { first: false, actor, sequence: 2, prev },
    stamp: stamp as Stamp,
    parents: [prev],
    epoch: undefined,
    cause: undefined,
    applicationVersion: undefined,
    extensions: [],
    sealed: false,
    payload,
  };
}
