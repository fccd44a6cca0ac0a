/**
 * A shard: the store, the contexts in it, the engines that run their applications, and their sync. It lives in a worker
 * of its own, so that no application can hold up the network or the API; everything reaches it as messages.
 */
import type { ApiErrorCode, ExecuteOutcome, ExecuteRequest, RemoveMemberRequest } from "@dunlin/api";
import type { Statement } from "@dunlin/core/access";
import {
  err,
  idToText,
  must,
  ok,
  type PublicKey,
  peerId,
  publicKey,
  type Result,
  StoreFailure,
  textToId,
} from "@dunlin/core/base";
import { type Crypto, createCrypto } from "@dunlin/core/crypto";
import { Metrics } from "@dunlin/core/metrics";
import { type Commit, createGenesis, Replica, type ReplicaPorts, UPKEEP_DEFAULTS } from "@dunlin/core/replica";
import { SyncEngine, type SyncPorts, TICK_MS } from "@dunlin/core/sync";
import { serviceOf } from "../install.ts";
import type { ShardMethod, ShardRequests, ToShard } from "../messages.ts";
import { placeOf, systemClock, systemRandom, systemScheduler } from "../platform.ts";
import { CallRecorder } from "../recordings/recorder.ts";
import { ContextSet } from "./context-set.ts";
import { deadLettersOf, settleDeadLetter } from "./dead-letters.ts";
import type { ContextRecord } from "./directory.ts";
import { Engines } from "./engines.ts";
import { follow } from "./guest/follow.ts";
import { HostedContext, type HostedPorts } from "./hosted-context.ts";
import { Joins } from "./joins.ts";
import { LimitBook } from "./limit-book.ts";
import { limitHandlers } from "./limit-handlers.ts";
import { notFound } from "./not-found.ts";
import { presenceEvent, presenceHandlers } from "./presence.ts";
import { receiptOf } from "./receipt.ts";
import { Seeds } from "./seeds.ts";
import { blobHandlers, ShardBlobs } from "./shard-blobs.ts";
import type { ShardOptions } from "./shard-options.ts";
import { measure, statusOf } from "./shard-status.ts";
import { ShardTransport } from "./shard-transport.ts";

type Handlers = {
  readonly [M in ShardMethod]: (
    request: ShardRequests[M]["takes"],
    requestId: number,
  ) => Promise<Result<ShardRequests[M]["gives"]>>;
};

export class Shard {
  readonly #options: ShardOptions;
  readonly #crypto: Crypto = createCrypto();
  readonly #transport: ShardTransport;
  readonly #engine: SyncEngine;
  readonly #metrics = new Metrics(performance);
  readonly #contexts: ContextSet;
  readonly #joins: Joins;
  readonly #hostedPorts: HostedPorts;
  #addresses: readonly string[];
  readonly #handlers: Handlers;
  #openedBlobs: ShardBlobs | undefined;
  readonly #ticker: NodeJS.Timeout;

  private constructor(options: ShardOptions) {
    this.#options = options;
    this.#addresses = options.addresses;
    this.#transport = new ShardTransport(options.self, options.put);
    const metrics = this.#metrics;
    const shared = { crypto: this.#crypto, clock: systemClock, random: systemRandom, log: options.log, metrics };
    const replicaPorts: ReplicaPorts = { ...shared, store: options.store };
    const syncPorts: SyncPorts = {
      ...shared,
      transport: this.#transport,
      discovery: {
        addresses: () => this.#addresses,
        onPeer: (peer, context) => options.put({ kind: "peer", peer, contextId: idToText(context), isHint: false }),
      },
      scheduler: systemScheduler,
      settings: options.sync,
      blobs: {
        onFrame: (context, peer, frame) => this.#blobs.exchange.onFrame(context, peer, frame),
        onPeer: (peer) => this.#blobs.exchange.onPeer(peer),
        onGone: (peer) => this.#blobs.exchange.onGone(peer),
      },
    };
    this.#engine = new SyncEngine(syncPorts);
    this.#hostedPorts = {
      ...options,
      callTimeMs: options.limits.callTimeMs,
      limits: new LimitBook(options.store, options.limits),
      recorder: this.#openRecorder(),
      replicaPorts,
      engines: new Engines(options.home),
      seeds: new Seeds(systemRandom),
      blobs: () => this.#blobs.applications,
      follow: (asked) =>
        follow(
          {
            log: options.log,
            hosted: (id) => this.#contexts.open(id),
            createContext: (requestId, request) => this.#createContext(requestId, request),
            forget: (hosted) => this.#contexts.forget(hosted),
          },
          asked,
        ),
    };
    this.#contexts = new ContextSet({
      store: options.store,
      log: options.log,
      nowMs: () => systemClock.now(),
      idleMs: options.contextIdleMs,
      host: (record, sequence) => this.#host(record, sequence),
      share: (resting) => this.#engine.addResting(resting),
      unshare: (context) => this.#engine.removeContext(context),
      mayRest: (context) => this.#engine.mayRest(context),
      forgotten: (context) => this.#hostedPorts.limits.forget(context),
      statusOf: (hosted) => statusOf(hosted, this.#engine),
      hint: (addresses) => this.#hint(addresses),
    });
    this.#joins = new Joins({
      home: options.home,
      crypto: this.#crypto,
      contexts: this.#contexts,
      engine: this.#engine,
      self: this.#transport.self,
      addresses: () => this.#addresses,
      hint: (addresses) => this.#hint(addresses),
    });
    this.#handlers = this.#createHandlers();
    this.#ticker = setInterval(() => {
      if (!this.#openedBlobs) return;
      this.#engine.tick();
      this.#blobs.tick();
      this.#contexts.tick();
    }, TICK_MS);
  }

  /** Takes in the contexts that the store holds, and opens those that cannot wait. */
  static async open(options: ShardOptions): Promise<Shard> {
    const shard = new Shard(options);
    shard.#openedBlobs = await shard.#openBlobs();
    await shard.#contexts.load();
    return shard;
  }

  get #blobs(): ShardBlobs {
    return must(this.#openedBlobs, "a shard that is open");
  }

  #openBlobs(): Promise<ShardBlobs> {
    return ShardBlobs.open({
      store: this.#options.store,
      crypto: this.#crypto,
      folder: this.#options.home.blobs,
      clock: systemClock,
      scheduler: systemScheduler,
      blobBytesMax: (context) => this.#hostedPorts.limits.of(context).blobBytes,
      holdsContext: (context) => this.#contexts.has(idToText(context)),
      peersOf: (context) => this.#engine.peersOf(context),
      send: (context, peer, frame) => this.#engine.sendBlob(context, peer, frame),
      charge: (peer) => this.#engine.blame(peer, { code: "BLOB_MISMATCH", message: "not what its hash says" }),
    });
  }

  #openRecorder(): CallRecorder | undefined {
    const { recordingBytesMax: bytesMax, home } = this.#options;
    if (bytesMax === 0) return undefined;
    return new CallRecorder({ home: home.path, bytesMax, nowMs: () => systemClock.now(), metrics: this.#metrics });
  }

  receive(message: ToShard): void {
    switch (message.kind) {
      case "request":
        return this.#answer(message.id, message.method, message.request);
      case "connect":
        this.#transport.connected(peerId(message.peer));
        return this.#engine.onConnect(peerId(message.peer));
      case "disconnect":
        this.#transport.disconnected(peerId(message.peer));
        return this.#engine.onDisconnect(peerId(message.peer));
      case "frame":
        return this.#engine.onFrame(peerId(message.peer), message.bytes);
      case "handed":
        this.#transport.handed(peerId(message.peer), message.bytes);
        if (message.dropped) this.#engine.onDropped(peerId(message.peer));
        return;
      case "addresses":
        this.#addresses = message.addresses;
    }
  }

  #answer(id: number, method: ShardMethod, request: unknown): void {
    const handler = this.#handlers[method] as (request: unknown, id: number) => Promise<Result<unknown>>;
    handler(request, id).then(
      (result) => this.#options.put({ kind: "reply", id, result }),
      (thrown) => {
        this.#options.log.log("error", "shard.request_failed", { method, reason: String(thrown) });
        const message = thrown instanceof Error ? thrown.message : String(thrown);
        const code = thrown instanceof StoreFailure ? thrown.code : "INTERNAL";
        this.#options.put({ kind: "reply", id, result: err(code, message) });
      },
    );
  }

  #createHandlers(): Handlers {
    return {
      execute: (request, id) => this.#execute(request, id),
      createContext: (request, id) => this.#createContext(id, request),
      invite: (request) => this.#within(request.contextId, (hosted) => this.#joins.invite(hosted, request)),
      setRole: (request) => this.#declare(request, (member) => ({ kind: "role", member, role: request.role })),
      removeMember: (request) => this.#declare(request, (member) => ({ kind: "remove", member })),
      upgradeContext: ({ contextId, applicationId, dryRun = false }) =>
        this.#within(contextId, (hosted) => hosted.upgradeTo(applicationId, { dryRun })),
      prepareJoin: (request) => this.#joins.prepare(request),
      completeJoin: (request) => this.#joins.complete(request),
      abandonJoin: (request) => this.#joins.abandon(request.contextId),
      contexts: async () => ok(await this.#contexts.infos()),
      context: (request) => this.#contexts.info(request.contextId),
      identities: (request) => this.#identities(request.contextId, request.owned),
      ...blobHandlers(() => this.#blobs),
      ...presenceHandlers((id, use) => this.#within(id, use)),
      ...limitHandlers(this.#hostedPorts.limits, (id, use) => this.#within(id, use)),
      receipt: (request) => this.#within(request.contextId, ({ replica }) => receiptOf(replica, request)),
      deadLetters: ({ contextId }) => this.#within(contextId, deadLettersOf),
      settleDeadLetter: (request) => this.#within(request.contextId, (hosted) => settleDeadLetter(hosted, request)),
      requestSync: (request) => Promise.resolve(this.#requestSync(request.contextId)),
      status: () =>
        Promise.resolve(
          ok({ contexts: this.#contexts.statuses(), counters: Object.fromEntries(this.#engine.counters) }),
        ),
      metrics: () => Promise.resolve(ok(measure(this.#contexts, this.#metrics))),
      close: () => this.#close(),
    };
  }

  #execute(request: ExecuteRequest, id: number): Promise<Result<ExecuteOutcome>> {
    // One that is open takes no turn of the event loop to begin.
    const open = this.#contexts.get(request.contextId);
    if (open) return open.execute(id, request);
    return this.#within(request.contextId, (hosted) => hosted.execute(id, request));
  }

  async #createContext(
    requestId: number,
    { applicationId, serviceName, initialization }: ShardRequests["createContext"]["takes"],
  ): Promise<Result<{ contextId: string; memberPublicKey: string }>> {
    const application = serviceOf(this.#options.home, applicationId, serviceName);
    if (!application.ok) return application;
    const signer = this.#options.home.createIdentity(this.#crypto, systemRandom);
    const ports = { crypto: this.#crypto, random: systemRandom };
    const genesis = createGenesis(ports, signer, application.value, systemClock.now(), { isSealed: true });
    const record = { context: genesis.context, member: signer.publicKey, redeemer: undefined, addresses: [] };
    const hosted = await this.#contexts.add(record);
    if (!hosted.ok) return hosted;
    hosted.value.replica.admit(genesis.bytes);
    await hosted.value.replica.settled();
    if (initialization !== undefined) {
      const initialized = await hosted.value.initialize(requestId, initialization);
      if (!initialized.ok) {
        await this.#contexts.forget(hosted.value);
        return initialized;
      }
    }
    return ok({ contextId: hosted.value.id, memberPublicKey: idToText(signer.publicKey) });
  }

  /** Has this node's member say something of another. */
  async #declare(request: RemoveMemberRequest, say: (member: PublicKey) => Statement): Promise<Result<null>> {
    const hosted = await this.#contexts.open(request.contextId);
    if (!hosted.ok) return hosted;
    const member = textToId(request.memberId);
    if (!member) return err<ApiErrorCode>("PARAMS_INVALID", "memberId is not a public key in base58");
    const declared = await hosted.value.replica.declare(say(publicKey(member)));
    return declared.ok ? ok(null) : declared;
  }

  /** How the node that redeemed our invitation was reached then. */
  #hint(addresses: readonly string[]): void {
    const peer = addresses[0]?.split("/p2p/")[1];
    if (peer !== undefined)
      this.#options.put({ kind: "peer", peer: { peer, addresses }, contextId: undefined, isHint: true });
  }

  #identities(id: string, owned: boolean): Promise<Result<readonly string[]>> {
    return this.#within(id, (hosted) =>
      ok(owned ? [idToText(hosted.signer.publicKey)] : hosted.members().map((member) => member.publicKey)),
    );
  }

  /** A context that rests is one that no connected peer shares. */
  #requestSync(id: string | undefined): Result<null> {
    if (id !== undefined && !this.#contexts.has(id)) return notFound(id);
    const open = id === undefined ? undefined : this.#contexts.get(id);
    if (id === undefined || open) this.#engine.syncNow(open?.replica.context);
    return ok(null);
  }

  async #close(): Promise<Result<null>> {
    clearInterval(this.#ticker);
    this.#engine.close();
    await this.#contexts.close();
    this.#hostedPorts.recorder?.flush();
    await this.#options.store[Symbol.asyncDispose]();
    return ok(null);
  }

  async #host(record: ContextRecord, sequence: number): Promise<Result<HostedContext>> {
    const { home } = this.#options;
    const signer = home.signerOf(this.#crypto, record.member);
    if (!signer) return err<ApiErrorCode>("NOT_A_MEMBER", "the key that this node takes part with is missing");
    const place = placeOf(home.store, home.installation(systemRandom));
    const { context } = record;
    const options = {
      context,
      signer,
      place,
      keepsRoots: true,
      keepsLedger: true,
      ...UPKEEP_DEFAULTS,
    };
    const opened = await Replica.open(this.#hostedPorts.replicaPorts, options);
    if (!opened.ok) return opened;
    const connected = (): readonly PublicKey[] => this.#engine.connectedMembers(context);
    const hosted = new HostedContext(this.#hostedPorts, opened.value, signer, { connected, sequence });
    opened.value.onCommit((commit) => {
      this.#tell(hosted, commit);
      if (hosted.onCommit()) this.#hostedPorts.engines.keepThoseOf(this.#contexts.opened());
    });
    const settings = this.#options.sync.contexts[hosted.id];
    const { presence, id } = hosted;
    presence.onChange((change) => this.#options.put({ kind: "presence", event: presenceEvent(id, change) }));
    this.#engine.addContext({ replica: opened.value, signer, bootstrap: record.redeemer, settings, presence });
    return ok(hosted);
  }

  /** One event per commit and origin: what came from others, then what was done here. */
  #tell(hosted: HostedContext, commit: Commit): void {
    for (const local of [false, true]) {
      const deltas = commit.deltas.filter((delta) => delta.local === local);
      const isTold = deltas.length > 0 || (commit.isAnew === true && !local);
      if (isTold) this.#options.put({ kind: "event", event: hosted.eventOf(commit, deltas) });
    }
  }

  async #within<T>(id: string, use: (hosted: HostedContext) => Result<T> | Promise<Result<T>>): Promise<Result<T>> {
    const hosted = await this.#contexts.open(id);
    return hosted.ok ? hosted.value.during((async () => use(hosted.value))()) : hosted;
  }
}
