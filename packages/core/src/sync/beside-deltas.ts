/** What goes between two nodes beside the deltas of a context: signed acknowledgements, and who is there. */
import type { Clock, Failure, SendOutcome } from "../base/index.ts";
import type { Commit, Replica } from "../replica/index.ts";
import type { Circle } from "./circle.ts";
import type { Frame } from "./frames.ts";
import type { PeerMember } from "./peer-member.ts";
import type { Presence } from "./presence/presence.ts";
import { PeerPresence } from "./presence/presence-link.ts";
import { ReceiptTeller } from "./receipt-teller.ts";
import type { WithoutChannel } from "./session.ts";

type BesideFrame = Extract<Frame, { readonly kind: "receipts" | "presence" }>;

export interface BesidePorts {
  readonly replica: Replica;
  readonly clock: Clock;
  /** Of the context. */
  readonly circle: Circle;
  /** Of the context; undefined where nobody cares who is there. */
  readonly presence: Presence | undefined;
  readonly count: (name: string) => void;
  /** The peer sent what is refused. */
  readonly charge: (failure: Failure) => void;
}

export class BesideDeltas {
  readonly #receipts: ReceiptTeller;
  readonly #presence: PeerPresence;

  constructor(
    ports: BesidePorts & {
      readonly member: PeerMember;
      readonly send: (frame: WithoutChannel<BesideFrame>) => SendOutcome;
    },
  ) {
    this.#receipts = new ReceiptTeller(ports);
    this.#presence = new PeerPresence({ ...ports, hears: (actorKey) => this.#receipts.spares(actorKey) });
  }

  /** The session is open; `isReady` when frames reach the peer already. */
  open(isReady: boolean): void {
    this.#receipts.open();
    if (isReady) this.#presence.open();
  }

  /** Frames reach the peer from now on. */
  ready(): void {
    this.#presence.open();
  }

  close(): void {
    this.#receipts.close();
    this.#presence.close();
  }

  onFrame(frame: BesideFrame): void {
    if (frame.kind === "receipts") this.#receipts.onFrame(frame);
    else this.#presence.onFrame(frame);
  }

  onCommit(commit: Commit): void {
    this.#receipts.onCommit(commit);
  }

  onDropped(): void {
    this.#receipts.onDropped();
  }

  /** Whether `tick` has anything to do: at rest, nothing. */
  get isBusy(): boolean {
    return this.#receipts.isBusy;
  }

  tick(): void {
    this.#receipts.tick();
  }
}
