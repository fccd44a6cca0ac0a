/**
 * A node: a shard in a worker, the network in this thread, and between them messages. It implements the face that the
 * server and the command line program against.
 */
import type {
  ApiErrorCode,
  ApplicationInfo,
  BlobSummary,
  ContextEvent,
  ContextInfo,
  ContextLimitsInfo,
  CreateContextRequest,
  DeadLetter,
  DeltaReceipt,
  ExecuteOutcome,
  ExecuteRequest,
  InstalledApplication,
  InviteRequest,
  JoinRequest,
  NodeService,
  NodeStatus,
  OpenNodeOptions,
  PresenceEvent,
  PresenceRequest,
  PresentMember,
  PutBlobOptions,
  ReceiptRequest,
  RemoveMemberRequest,
  SetContextLimitsRequest,
  SetRoleRequest,
  SettleDeadLetterRequest,
  UpgradeContextRequest,
  UpgradeOutcome,
} from "@dunlin/api";
import { err, idToText, type Log, ok, type PeerId, peerId, type Result } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import type { MetricSnapshot } from "@dunlin/core/metrics";
import { ADDRESSES_PER_DIAL_MAX, isLoopback, type Network, openNetwork, peerOfAddress } from "@dunlin/network";
import { NodeFailure } from "./failure.ts";
import { Home } from "./home.ts";
import { NEIGHBOUR_STALE_MS } from "./limits.ts";
import { type FromShard, monotonicMs } from "./messages.ts";
import { Neighbours } from "./neighbours.ts";
import { networkMetrics } from "./network-metrics.ts";
import { PeerBook } from "./peer-book.ts";
import type { PeerAddressBook } from "./peer-book-file.ts";
import { systemRandom, systemScheduler } from "./platform.ts";
import type { ShardThread } from "./shard-thread.ts";
import { ShardSupervisor } from "./supervisor.ts";
import { unlessAborted } from "./unless-aborted.ts";
import { VERSION } from "./version.ts";

/** As of `openNode`, on the worker that is to hold the contexts. */
export async function openOn(options: OpenNodeOptions, thread: ShardThread): Promise<NodeService & AsyncDisposable> {
  const node = new DunlinNode(options, thread);
  try {
    await node.open();
  } catch (thrown) {
    await node[Symbol.asyncDispose]();
    throw thrown;
  }
  return node;
}

class DunlinNode implements NodeService, AsyncDisposable {
  readonly #options: OpenNodeOptions;
  readonly #thread: ShardThread;
  readonly #home: Home;
  readonly #log: Log;
  readonly #listeners = new Set<(event: ContextEvent) => void>();
  readonly #presenceListeners = new Set<(event: PresenceEvent) => void>();
  readonly #startedMs = monotonicMs();
  #configuredPeers: readonly string[] = [];
  #network: Network | undefined;
  #peerBook: PeerBook | undefined;
  #shard: ShardSupervisor | undefined;
  readonly #neighbours: Neighbours = new Neighbours({
    random: systemRandom,
    isConnected: (peer) => this.#network?.peers().includes(peerId(peer)) === true,
    nowMs: monotonicMs,
  });
  #neighbourTimer: NodeJS.Timeout | undefined;

  constructor(options: OpenNodeOptions, thread: ShardThread) {
    this.#options = options;
    this.#thread = thread;
    this.#home = new Home(options.home);
    this.#log = options.log;
  }

  async open(): Promise<void> {
    const { network, sync, limits, recording } = this.#options.config;
    const opened = await openNetwork({
      seed: this.#home.nodeSeed(systemRandom),
      listen: network.listen,
      scheduler: systemScheduler,
      random: systemRandom,
      log: this.#log,
      // Who listens on this machine alone has nothing to tell the others.
      ...(network.mdns && !network.listen.every(isLoopback) ? { onFound: (peer, at) => this.#sight(peer, at) } : {}),
      events: {
        onConnect: (peer) => this.#shard?.post({ kind: "connect", peer }),
        onDisconnect: (peer) => this.#shard?.post({ kind: "disconnect", peer }),
        onFrame: (peer, bytes) => this.#shard?.post({ kind: "frame", peer, bytes }),
      },
    });
    this.#network = opened;
    // One list for all nodes of a group is fine: a node passes over its own address.
    this.#configuredPeers = network.peers.filter((address) => peerOfAddress(address) !== opened.self);
    const configured = opened.keepConnected(this.#configuredPeers);
    if (!configured.ok) throw new NodeFailure("ADDRESS_INVALID", `network.peers: ${configured.error.message}`);
    const bookPorts = {
      self: opened.self,
      scheduler: systemScheduler,
      save: (book: PeerAddressBook) => this.#savePeers(book),
      onChange: () => this.#keepConnected(),
    };
    this.#peerBook = new PeerBook(bookPorts, this.#home.readPeers());
    this.#shard = new ShardSupervisor({
      data: {
        home: this.#home.path,
        self: opened.self,
        addresses: opened.addresses(),
        limits,
        recordingBytesMax: recording?.bytesMax ?? 0,
        profile: this.#options.profile === true,
        sync,
      },
      log: this.#log,
      onMessage: (message) => this.#onMessage(message),
      onRestart: () => this.#onRestart(),
      first: this.#thread,
    });
    await this.#shard.start();
    this.#keepConnected();
    this.#neighbourTimer = setInterval(() => this.#keepConnected(), NEIGHBOUR_STALE_MS);
  }

  async installApplication({ path }: { readonly path: string }): Promise<Result<InstalledApplication>> {
    const { installApplication } = await loadInstall();
    return installApplication(this.#home, path);
  }

  async applications(): Promise<readonly ApplicationInfo[]> {
    const { applicationInfo } = await loadInstall();
    return this.#home.applicationIds().flatMap((id) => applicationInfo(this.#home, id) ?? []);
  }

  async createIdentity(): Promise<{ readonly publicKey: string }> {
    return { publicKey: idToText(this.#home.createIdentity(createCrypto(), systemRandom).publicKey) };
  }

  createContext(request: CreateContextRequest): Promise<Result<{ contextId: string; memberPublicKey: string }>> {
    return this.#running().request("createContext", request);
  }

  invite(request: InviteRequest): Promise<Result<{ readonly payload: string }>> {
    return this.#running().request("invite", request);
  }

  setRole(request: SetRoleRequest): Promise<Result<null>> {
    return this.#running().request("setRole", request);
  }

  removeMember(request: RemoveMemberRequest): Promise<Result<null>> {
    return this.#running().request("removeMember", request);
  }

  upgradeContext(request: UpgradeContextRequest): Promise<Result<UpgradeOutcome>> {
    return this.#running().request("upgradeContext", request);
  }

  async join(
    { invitationPayload: payload, memberId }: JoinRequest,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<Result<{ readonly contextId: string; readonly memberPublicKey: string }>> {
    const shard = this.#running();
    const prepared = await shard.request("prepareJoin", { payload, memberId });
    if (!prepared.ok) return prepared;
    const { contextId, memberPublicKey, addresses } = prepared.value;
    const dialled = await this.#dial(addresses, signal);
    const completing = dialled.ok ? shard.request("completeJoin", { ...prepared.value, payload }) : dialled;
    const joined = await unlessAborted(Promise.resolve(completing), signal);
    if (joined.ok) return ok({ contextId, memberPublicKey });
    // What may have been redeemed is kept: its state arrives once the inviting node is reached.
    if (joined.error.code !== "JOIN_PENDING" && joined.error.code !== "TIMEOUT")
      await shard.request("abandonJoin", { contextId });
    return joined;
  }

  async contexts(): Promise<readonly ContextInfo[]> {
    const answer = await this.#running().request("contexts", null);
    return answer.ok ? answer.value : [];
  }

  context(contextId: string): Promise<Result<ContextInfo>> {
    return this.#running().request("context", { contextId });
  }

  identities(contextId: string, { owned }: { readonly owned: boolean }): Promise<Result<readonly string[]>> {
    return this.#running().request("identities", { contextId, owned });
  }

  contextLimits(contextId: string): Promise<Result<ContextLimitsInfo>> {
    return this.#running().request("contextLimits", { contextId });
  }

  setContextLimits(request: SetContextLimitsRequest): Promise<Result<ContextLimitsInfo>> {
    return this.#running().request("setContextLimits", request);
  }

  execute(request: ExecuteRequest): Promise<Result<ExecuteOutcome>> {
    return this.#running().request("execute", request);
  }

  setPresence(request: PresenceRequest): Promise<Result<null>> {
    return this.#running().request("setPresence", request);
  }

  leavePresence(contextId: string): Promise<Result<null>> {
    return this.#running().request("leavePresence", { contextId });
  }

  presence(contextId: string): Promise<Result<readonly PresentMember[]>> {
    return this.#running().request("presence", { contextId });
  }

  subscribePresence(listener: (event: PresenceEvent) => void): () => void {
    this.#presenceListeners.add(listener);
    return () => this.#presenceListeners.delete(listener);
  }

  receipt(request: ReceiptRequest): Promise<Result<DeltaReceipt>> {
    return this.#running().request("receipt", request);
  }

  requestSync(contextId?: string): Promise<Result<null>> {
    return this.#running().request("requestSync", { contextId });
  }

  deadLetters(contextId: string): Promise<Result<readonly DeadLetter[]>> {
    return this.#running().request("deadLetters", { contextId });
  }

  settleDeadLetter(request: SettleDeadLetterRequest): Promise<Result<null>> {
    return this.#running().request("settleDeadLetter", request);
  }

  async putBlob(content: AsyncIterable<Uint8Array>, options: PutBlobOptions): Promise<Result<BlobSummary>> {
    const shard = this.#running();
    const begun = await shard.request("beginBlob", null);
    if (!begun.ok) return begun;
    const { upload } = begun.value;
    try {
      for await (const bytes of content) {
        const written = await shard.request("writeBlob", { upload, bytes });
        if (!written.ok) return written;
      }
    } catch (thrown) {
      await shard.request("abortBlob", { upload });
      throw thrown;
    }
    const { contextId, size, hash } = options;
    return shard.request("finishBlob", { upload, contextId, size, hash });
  }

  blob(id: string, { contextId }: { readonly contextId?: string }): Promise<Result<BlobSummary>> {
    return this.#running().request("findBlob", { id, contextId });
  }

  async *readBlob(id: string, range: { readonly start: number; readonly end: number }): AsyncGenerator<Uint8Array> {
    for (let { start } = range; start < range.end; ) {
      const part = await this.#running().request("readBlob", { id, start });
      if (!part.ok) throw new NodeFailure(part.error.code as ApiErrorCode, part.error.message);
      if (part.value.length === 0) return;
      yield part.value.subarray(0, range.end - start);
      start += part.value.length;
    }
  }

  async blobs(): Promise<readonly BlobSummary[]> {
    const answer = await this.#running().request("blobs", null);
    return answer.ok ? answer.value : [];
  }

  deleteBlob(id: string): Promise<Result<{ readonly deleted: boolean }>> {
    return this.#running().request("deleteBlob", { id });
  }

  subscribe(listener: (event: ContextEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async status(): Promise<NodeStatus> {
    const answer = await this.#running().request("status", null);
    const shard = answer.ok ? answer.value : { contexts: [], counters: {} };
    const network = this.#network;
    const stats = network?.stats();
    const cuts = Object.entries(stats?.cuts ?? {}).map(([code, count]) => [`network.cut_${code}`, count]);
    return {
      version: VERSION,
      peerId: network?.self ?? "",
      addresses: network?.addresses() ?? [],
      uptimeMs: monotonicMs() - this.#startedMs,
      peers: stats?.peers.map(({ peer, bytesIn, bytesOut }) => ({ peerId: peer, bytesIn, bytesOut })) ?? [],
      contexts: shard.contexts,
      counters: { ...shard.counters, ...Object.fromEntries(cuts) },
    };
  }

  async metrics(): Promise<readonly MetricSnapshot[]> {
    const answer = await this.#running().request("metrics", null);
    const stats = this.#network?.stats();
    return [...(answer.ok ? answer.value : []), ...(stats ? networkMetrics(stats) : [])];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#neighbourTimer);
    await this.#shard?.close();
    this.#peerBook?.flush();
    await this.#network?.[Symbol.asyncDispose]();
  }

  #running(): ShardSupervisor {
    if (!this.#shard) throw new Error("the node is open");
    return this.#shard;
  }

  #onMessage(message: Exclude<FromShard, { kind: "reply" }>): void {
    switch (message.kind) {
      case "send":
        return this.#send(peerId(message.peer), message.bytes);
      case "cut":
        return this.#network?.disconnect(peerId(message.peer), message.reason);
      case "event":
        for (const listener of this.#listeners) listener(message.event);
        return;
      case "presence":
        for (const listener of this.#presenceListeners) listener(message.event);
        return;
      case "peer":
        return this.#learn(message);
      case "log":
        return this.#log.log(message.level, message.event, message.fields);
    }
  }

  #send(peer: PeerId, bytes: Uint8Array): void {
    const outcome = this.#network?.send(peer, bytes);
    this.#shard?.post({ kind: "handed", peer, bytes: bytes.length, dropped: outcome === "full" });
  }

  /** A new worker greets every peer anew, which only a new connection allows. */
  #onRestart(): void {
    for (const peer of this.#network?.peers() ?? []) this.#network?.disconnect(peer, "the shard was restarted");
  }

  #learn({ peer: { peer, addresses }, contextId, isHint }: Extract<FromShard, { kind: "peer" }>): void {
    if (isHint) this.#peerBook?.hint(peer, addresses);
    else this.#peerBook?.learn(peer, addresses, contextId);
  }

  #sight(peer: string, addresses: readonly string[]): void {
    this.#peerBook?.sight(peer, addresses);
  }

  #savePeers(book: PeerAddressBook): void {
    try {
      this.#home.writePeers(book);
    } catch (thrown) {
      this.#log.log("warn", "node.peers_not_saved", { reason: String(thrown) });
    }
  }

  #keepConnected(): void {
    const book = this.#peerBook;
    const configured = this.#configuredPeers.flatMap((address) => peerOfAddress(address) ?? []);
    const wanted = book ? [...configured, ...this.#neighbours.choose(book.peersByContext())] : [];
    const kept = this.#network?.keepConnected([...this.#configuredPeers, ...(book?.addressesOf(wanted) ?? [])]);
    if (kept && !kept.ok) this.#log.log("warn", "node.address_refused", { ...kept.error });
  }

  async #dial(addresses: readonly string[], signal: AbortSignal | undefined): Promise<Result<null>> {
    const inviter = addresses.flatMap((address) => peerOfAddress(address) ?? []).slice(0, 1);
    // It may have moved since it wrote the invitation.
    const known = new Set([...(this.#peerBook?.addressesOf(inviter) ?? []), ...addresses]);
    const dialled = await this.#network?.dial([...known].slice(0, ADDRESSES_PER_DIAL_MAX), signal ? { signal } : {});
    if (dialled?.ok) return ok(null);
    const why = dialled?.error.message ?? "the network is closed";
    return err<ApiErrorCode>("NO_PEERS", `the inviting node cannot be reached: ${why}`);
  }
}

/** Engines and the build are loaded by who asks for them, and not by every start. */
function loadInstall(): Promise<typeof import("./install.ts")> {
  return import("./install.ts");
}
