/**
 * A peer in the test's own process, built of the parts that an honest node is built of, so that it can keep every rule
 * but one: a stranger that only greets, or a member with a replica of its own that then sends what it must not.
 */
import { verifyInvitation } from "@dunlin/core/access";
import {
  base58ToBytes,
  type ContextId,
  createPrng,
  type Failure,
  idToText,
  must,
  type PeerId,
  type PublicKey,
  peerId,
  type Result,
  type Signer,
  silentLog,
} from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { Replica } from "@dunlin/core/replica";
import { decodeFrame, type Frame, SyncEngine } from "@dunlin/core/sync";
import { openTestNode, type TestNode } from "@dunlin/network/testing";
import { createMemoryStore } from "@dunlin/store/memory";
import type { NodeProcess } from "./node-process.ts";
import { until } from "./until.ts";

export const crypto = createCrypto();

export interface Rogue extends AsyncDisposable {
  readonly node: TestNode;
  readonly engine: SyncEngine;
  readonly replica: Replica;
  readonly signer: Signer;
  /** Frames that it was sent, decoded. */
  received(): Frame[];
}

/** Shares the context from the moment it connects, as this signer. */
export async function openRogue(options: {
  readonly number: number;
  readonly context: ContextId;
  readonly signer?: Signer;
  /** Who invited it. */
  readonly bootstrap?: PublicKey;
}): Promise<Rogue> {
  const { number, context } = options;
  const prng = createPrng(number);
  const shared = {
    crypto,
    clock: { now: () => Date.now() },
    random: { bytes: (count: number) => prng.bytes(count) },
    log: silentLog,
  };
  const signer = options.signer ?? crypto.createSigner(prng.bytes(32));
  const opened = await Replica.open({ ...shared, store: createMemoryStore() }, { context, signer, place: "rogue" });
  if (!opened.ok) throw new Error(opened.error.message);
  let engine: SyncEngine | undefined;
  const node = await openTestNode({
    number,
    events: {
      onConnect: (peer) => engine?.onConnect(peer),
      onDisconnect: (peer) => engine?.onDisconnect(peer),
      onFrame: (peer: PeerId, frame) => engine?.onFrame(peer, frame),
    },
  });
  const scheduler = {
    after: (delayMs: number, task: () => void) => {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
  };
  engine = new SyncEngine({ ...shared, scheduler, transport: node.network });
  engine.addContext({ replica: opened.value, signer, bootstrap: options.bootstrap });
  return {
    node,
    engine,
    replica: opened.value,
    signer,
    received: () => node.frames().flatMap((bytes) => decodeFrame(bytes) ?? []),
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

/** A peer that has been invited and has everything, as an honest member would. */
export async function joinAsRogue(inviter: NodeProcess, contextId: string): Promise<Rogue> {
  const signer = crypto.createSigner(new Uint8Array(32).fill(16));
  const body = { contextId, inviteeId: idToText(signer.publicKey) };
  const payload = await inviter.post<string>("/admin-api/contexts/invite", body);
  const bytes = must(base58ToBytes(payload, payload.length), "base58");
  const { inviter: bootstrap, context, redeemerPeer, redeemerAddresses } = unwrap(verifyInvitation(crypto, bytes));
  const rogue = await openRogue({ number: 16, context, signer, bootstrap });
  unwrap(await rogue.node.network.dial(redeemerAddresses));
  await rogue.node.until(() => rogue.received().length > 0, "it is greeted");
  unwrap(await rogue.engine.redeem(peerId(redeemerPeer), { context, invitation: bytes, signer, bearer: undefined }));
  await until("it has the context", () => {
    rogue.engine.tick();
    return rogue.replica.roleOf(signer.publicKey) === "writer";
  });
  return rogue;
}

export function unwrap<T>(result: Result<T, Failure>): T {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}
