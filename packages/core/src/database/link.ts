/**
 * A link: one database and whoever is met over one transport. It drives a sync engine of its own with the transport's
 * events and a tick, redeems the ticket that the database was opened with, and says how far the two sides are.
 */
import type { Ticket } from "../access/index.ts";
import {
  type Cancel,
  type Clock,
  type ContextId,
  concatBytes,
  type Log,
  type PeerId,
  type Random,
  type Scheduler,
  type Signer,
  utf8,
} from "../base/index.ts";
import { CollectionError } from "../collections/index.ts";
import { type Crypto, createSigner } from "../crypto/index.ts";
import type { Replica } from "../replica/index.ts";
import { type SessionStatus, SyncEngine, TICK_MS } from "../sync/index.ts";
import type { Connector, ConnectorStatus, OpenTransport } from "../transport/index.ts";
import { when } from "./when.ts";

export interface LinkPorts {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly scheduler: Scheduler;
  readonly log: Log;
}

export interface LinkParts {
  readonly replica: Replica;
  readonly signer: Signer;
  /** What the database was opened with to join; none for one that is a member already. */
  readonly ticket: Ticket | undefined;
  readonly room: Uint8Array;
  readonly connector: Connector;
  readonly onEnd: (link: Link) => void;
}

export interface LinkStatus {
  readonly transport: ConnectorStatus;
  /** Why the ticket was refused by whoever could redeem it; undefined while it was not. */
  readonly ticketRefused: string | undefined;
  /** Peers that hold this database, and how far the sync with each is. */
  readonly peers: readonly SessionStatus[];
  /** Own commits that no other member is known to have on disk. */
  readonly unacknowledged: number;
}

const ROOM_DOMAIN = utf8("dunlin/room/1");

/** A peer that does not hold the inviter's key says so, which says nothing of the ticket. */
const NOT_THE_INVITER = ["INVITATION_NOT_FOR_YOU", "INVITATION_UNKNOWN_CONTEXT", "SYNC_NOT_CONNECTED"];

export class Link implements AsyncDisposable {
  readonly #parts: LinkParts;
  readonly #ports: LinkPorts;
  readonly #transport: OpenTransport;
  readonly #engine: SyncEngine;
  readonly #waiting = new Set<() => void>();
  readonly #stopCommits: () => void;
  #ticketRefused: string | undefined;
  #cancelTick: Cancel | undefined;
  #isEnded = false;

  /** Made by `Database.sync`. */
  constructor(ports: LinkPorts, parts: LinkParts) {
    this.#ports = ports;
    this.#parts = parts;
    this.#transport = parts.connector.open({
      room: parts.room,
      ports,
      onStatus: () => this.#changed(),
      events: {
        onConnect: (peer) => this.#onConnect(peer),
        onDisconnect: (peer) => this.#inTurn(() => this.#engine.onDisconnect(peer)),
        onFrame: (peer, frame) => this.#inTurn(() => this.#engine.onFrame(peer, frame)),
      },
    });
    this.#engine = new SyncEngine({ ...ports, transport: this.#transport });
    const { replica, signer, ticket } = parts;
    this.#engine.addContext({ replica, signer, bootstrap: ticket?.invitation.inviter });
    this.#stopCommits = parts.replica.onCommit(() => this.#changed());
    this.#tick();
  }

  get status(): LinkStatus {
    const { replica } = this.#parts;
    return {
      transport: this.#transport.status,
      ticketRefused: this.#ticketRefused,
      peers: this.#engine.status(replica.context),
      unacknowledged: replica.outboxSize(),
    };
  }

  /**
   * Resolves once there is a peer, and this database and every peer that is connected have on disk all that the other
   * has. Rejects with the signal's reason, and when the link or the database ends.
   */
  async settled(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    await when(
      (check) => this.#follow(check),
      () => this.#isEnded || this.#isEven(),
      options.signal,
    );
    if (this.#isEnded) throw new CollectionError("DATABASE_CLOSED", "the link has ended");
  }

  /** Ends the connections; what is under way will be synced by the next link. */
  close(): Promise<void> {
    if (this.#isEnded) return Promise.resolve();
    this.#isEnded = true;
    this.#cancelTick?.();
    this.#stopCommits();
    this.#engine.close();
    this.#transport[Symbol.dispose]();
    this.#changed();
    this.#parts.onEnd(this);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #follow(check: () => void): () => void {
    this.#waiting.add(check);
    return () => this.#waiting.delete(check);
  }

  #isEven(): boolean {
    const open = this.status.peers.filter(({ state }) => state !== "proving" && state !== "not a member");
    return open.length > 0 && open.every(({ even }) => even) && this.#isMember();
  }

  #isMember(): boolean {
    return this.#parts.replica.roleOf(this.#parts.signer.publicKey) !== undefined;
  }

  #onConnect(peer: PeerId): void {
    this.#inTurn(() => {
      this.#engine.onConnect(peer);
      void this.#redeem(peer);
    });
  }

  /** Every peer is asked, since it does not show beforehand which one is the inviter's. */
  async #redeem(peer: PeerId): Promise<void> {
    const { replica, signer, ticket } = this.#parts;
    if (ticket === undefined || this.#isMember()) return;
    const bearer = createSigner(this.#ports.crypto, ticket.bearerSecret);
    const request = { context: replica.context, invitation: ticket.bytes, signer, bearer };
    const redeemed = await this.#engine.redeem(peer, request);
    if (!redeemed.ok && !NOT_THE_INVITER.includes(redeemed.error.code)) {
      this.#ticketRefused = redeemed.error.code;
      this.#ports.log.log("warn", "link.ticket_refused", { code: redeemed.error.code });
    }
    this.#changed();
  }

  #tick(): void {
    this.#cancelTick = this.#ports.scheduler.after(TICK_MS, () => {
      this.#engine.tick();
      this.#changed();
      this.#tick();
    });
  }

  /** Frames bring deltas: where other tabs have the store open, each step is taken in a turn, in their order. */
  #inTurn(step: () => void): void {
    const { replica } = this.#parts;
    if (!replica.isShared) this.#then(step);
    // It is refused when the database was closed, and with it this link.
    else replica.inTurn(() => this.#then(step)).catch(() => {});
  }

  #then(step: () => void): void {
    if (this.#isEnded) return;
    step();
    this.#changed();
  }

  #changed(): void {
    for (const check of [...this.#waiting]) check();
  }
}

/** Where the copies of a database meet: known to whoever knows its context, members and who was invited. */
export function roomOf(crypto: Pick<Crypto, "sha256">, context: ContextId): Uint8Array {
  return crypto.sha256(concatBytes(ROOM_DOMAIN, context));
}
