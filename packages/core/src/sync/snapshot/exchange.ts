/**
 * Joining by a snapshot over the network, and serving it to others. One for each context of a node.
 *
 *   list    one peer says which pages its checkpoint's state has
 *   log     a peer's log without payloads, gone through in a probe: is that checkpoint in effect, and is this its root?
 *   below   what it covers is admitted here, without payloads; from then on the rest is pulled as ever
 *   pages   from all who have them, kept in the store as they come
 *   finish  once the own log has the checkpoint in effect: the state is put in its place
 *
 * What peers do not bring in time is pulled with its payloads. A list that nobody serves any longer, since they went
 * over to the next checkpoint, is asked for anew, and pages that both have are here already.
 */
import {
  bytesEqual,
  type Clock,
  concatBytes,
  type DeltaId,
  type Failure,
  ID_BYTES,
  idKey,
  type PeerId,
} from "../../base/index.ts";
import { stateRoot } from "../../crdt/index.ts";
import {
  admitBelow,
  type Probe,
  type Replica,
  type Snapshot,
  STATE_PAGES_MAX,
  type Staging,
} from "../../replica/index.ts";
import { isPast } from "../clock.ts";
import { SNAPSHOT_GIVE_UP_MS, SNAPSHOT_NOTICE_SPACING_MS, SNAPSHOT_PATIENCE_MS } from "../limits.ts";
import { PageFetch } from "./page-fetch.ts";
import { SnapshotServer } from "./serve.ts";
import { SetAside } from "./set-aside.ts";
import type { EntriesSaid, ListSaid, SnapshotSaid } from "./snapshot-frames.ts";
import type { SnapshotSource } from "./sources.ts";

export type SnapshotErrorCode =
  /** A peer sent a list or a page of a snapshot that is not what it names. */
  "SNAPSHOT_FORGED";

export interface SnapshotPorts {
  readonly replica: Replica;
  readonly clock: Clock;
  readonly sources: () => readonly SnapshotSource[];
  /** What is lacking is to be pulled now. */
  readonly pull: () => void;
  readonly charge: (peer: PeerId, failure: Failure) => void;
  readonly count: (name: string) => void;
}

/** What one peer was asked for. */
interface Asked {
  readonly from: PeerId;
  sinceMs: number;
}

interface Listing extends Asked {
  head: Pick<ListSaid, "checkpoint" | "total"> | undefined;
  readonly parts: Uint8Array[];
}

/** What is fetched: its checkpoint is in effect. */
interface Fetch {
  readonly snapshot: Snapshot;
  readonly pages: PageFetch;
}

/** What a peer says of its state. */
interface Candidate extends Snapshot {
  readonly from: PeerId;
}

export class SnapshotExchange {
  readonly #ports: SnapshotPorts;
  readonly #server: SnapshotServer;
  readonly #aside: SetAside;
  #listing: Listing | undefined;
  #candidate: Candidate | undefined;
  #probe: Probe | undefined;
  #log: Asked | undefined;
  #fetch: Fetch | undefined;
  /** Something waits for the store. */
  #isBusy = false;
  #progressMs: number;
  #noticedMs = Number.NEGATIVE_INFINITY;
  readonly #stop: () => void;

  constructor(ports: SnapshotPorts) {
    this.#ports = ports;
    this.#server = new SnapshotServer(ports.replica);
    this.#aside = new SetAside(ports.clock);
    this.#progressMs = ports.clock.now();
    this.#joining.onStep = () => this.#begin();
    this.#stop = ports.replica.onCommit(() => this.#step());
  }

  close(): void {
    this.#stop();
    this.#joining.onStep = () => {};
    this.#reset();
  }

  onFrame(from: PeerId, said: SnapshotSaid): void {
    if (this.#ports.replica.closed) return;
    const answer = (told: SnapshotSaid): void => void this.#sourceOf(from)?.send(told);
    switch (said.kind) {
      case "ask":
        return answer(this.#server.list(said.from));
      case "log":
        return answer(this.#server.log(said.vector));
      case "want":
        // A store that fails closes the replica, which tells of it.
        return void this.#server.part(said.hash, said.offset).then(answer, () => {});
      case "list":
        return this.#onList(from, said);
      case "entries":
        return this.#onEntries(from, said);
      case "part":
        if (this.#fetch?.pages.onPart(from, said)) this.#progressed("sync.snapshot_pages");
        return this.#step();
      case "pruned":
        return this.#onNotice();
    }
  }

  /** To be called about once a second. */
  tick(): void {
    if (!this.#joining.isOn) return;
    const { sources, clock, count } = this.#ports;
    const now = clock.now();
    if (this.#isLost(this.#listing, now)) this.#listing = undefined;
    if (this.#isLost(this.#log, now)) this.#log = undefined;
    this.#fetch?.pages.letGo();
    if (this.#joining.isByPayload) this.#progressMs = now;
    if (isPast(now, this.#progressMs, SNAPSHOT_GIVE_UP_MS)) {
      this.#progressMs = now;
      const isAlone = sources().length === 0;
      // With all pages here it is the own log that is waited for.
      const isPulling = this.#fetch?.pages.isDone === true && !this.#joining.isHolding;
      // Whoever lacks no payload has its state; what made it begin may be a claim, and its author gone.
      if (this.#joining.hasAllPayloads || !(isAlone || isPulling)) {
        count("sync.snapshot_given_up");
        this.#giveUp(isAlone);
      }
    }
    this.#step();
  }

  get #joining(): Replica["checkpoints"]["joining"] {
    return this.#ports.replica.checkpoints.joining;
  }

  #begin(): void {
    this.#reset();
    this.#progressMs = this.#ports.clock.now();
    this.#step();
  }

  #step(): void {
    if (!this.#joining.isOn) return this.#reset();
    if (this.#isBusy || this.#ports.replica.closed) return;
    if (this.#joining.isByPayload) {
      if (this.#joining.hasAllPayloads) this.#finish(undefined);
    } else if (this.#fetch) this.#goOn(this.#fetch);
    else if (!this.#candidate) this.#askForList();
    else this.#judge(this.#candidate);
  }

  #reset(): void {
    this.#listing = undefined;
    this.#candidate = undefined;
    this.#probe = undefined;
    this.#log = undefined;
    this.#fetch = undefined;
    this.#aside.clear();
  }

  #giveUp(mayBeginAgain = false): void {
    this.#reset();
    this.#joining.giveUp(mayBeginAgain);
    this.#ports.pull();
  }

  /** A peer has dropped what was asked for. */
  #onNotice(): void {
    const now = this.#ports.clock.now();
    if (!isPast(now, this.#noticedMs, SNAPSHOT_NOTICE_SPACING_MS)) return;
    this.#noticedMs = now;
    this.#joining.begin();
  }

  #askForList(): void {
    if (this.#listing) return;
    const source = this.#available().at(0);
    if (source?.send({ kind: "ask", from: 0 }) !== "queued") return;
    this.#listing = { from: source.id, sinceMs: this.#ports.clock.now(), head: undefined, parts: [] };
  }

  #onList(from: PeerId, { checkpoint, total, from: first, hashes }: ListSaid): void {
    const listing = this.#listing;
    const known = (listing?.parts.reduce((sum, part) => sum + part.length, 0) ?? 0) / ID_BYTES;
    if (listing?.from !== from || first !== known) return;
    const count = hashes.length / ID_BYTES;
    const { head } = listing;
    const isSame = !head || (head.total === total && idKey(head.checkpoint) === idKey(checkpoint));
    if (!isSame || count === 0 || known + count > total || total > STATE_PAGES_MAX) {
      // It has none, or has gone over to the next in between.
      this.#listing = undefined;
      this.#aside.add(from);
      // Where nobody has one, deltas are pulled as ever.
      if (total === 0 && this.#joining.isHolding && this.#available().length === 0) return this.#giveUp();
      return this.#step();
    }
    listing.head ??= { checkpoint: checkpoint.slice() as DeltaId, total };
    listing.parts.push(hashes.slice());
    listing.sinceMs = this.#ports.clock.now();
    if (known + count === total) {
      this.#listing = undefined;
      this.#candidate = { from, checkpoint: listing.head.checkpoint, hashes: concatBytes(...listing.parts) };
      return this.#step();
    }
    if (this.#sourceOf(from)?.send({ kind: "ask", from: known + count }) !== "queued") this.#listing = undefined;
  }

  /** Whether what a peer says of its state is true: by the own log, or by one that is gone through for it. */
  #judge(candidate: Candidate): void {
    const verdict = this.#joining.accepts(candidate);
    // What the own log has in effect can be had from it, unless payloads below are missing.
    if (verdict === "yes") return this.#joining.isBehind ? this.#during(this.#plan(candidate)) : this.#giveUp();
    if (verdict === "forged") return this.#refuse(candidate);
    // What the own log does not say yet it will, when it is pulled.
    if (!this.#joining.isHolding) return this.#drop(candidate);
    const found = this.#probe?.find(candidate.checkpoint);
    if (!this.#probe || !found) return this.#askForLog(candidate);
    if (!bytesEqual(stateRoot(candidate.hashes), found.root)) return this.#refuse(candidate);
    this.#admitBelow(candidate, this.#probe.below(found));
  }

  #askForLog({ from }: Candidate): void {
    if (this.#log) return;
    this.#probe ??= this.#joining.createProbe();
    const source = this.#sourceOf(from);
    if (source?.send({ kind: "log", vector: this.#probe.vector }) !== "queued") return this.#drop({ from });
    this.#log = { from, sinceMs: this.#ports.clock.now() };
  }

  #onEntries(from: PeerId, { more, deltas }: EntriesSaid): void {
    const candidate = this.#candidate;
    if (this.#log?.from !== from || !this.#probe || !candidate) return;
    this.#log = undefined;
    const taken = this.#probe.take(deltas, this.#ports.clock.now());
    if (taken.kind === "full") return this.#giveUp();
    if (taken.kind === "refused") {
      this.#ports.charge(from, taken);
      return this.#drop(candidate);
    }
    if (taken.count > 0) this.#progressed("sync.snapshot_log_pages");
    // Its log does not say what it says of its state.
    const isKnown = this.#probe.find(candidate.checkpoint) !== undefined;
    if (!isKnown && (!more || taken.count === 0)) return this.#drop(candidate);
    this.#step();
  }

  #admitBelow(snapshot: Snapshot, below: ReturnType<Probe["below"]>): void {
    this.#during(
      admitBelow(this.#ports.replica, below)
        // The pages come beside what is pulled, which has the checkpoint itself.
        .then(() => this.#plan(snapshot))
        .then(() => {
          this.#probe = undefined;
          this.#progressed("sync.snapshot_below");
          this.#ports.pull();
        }),
    );
  }

  #plan({ checkpoint, hashes }: Snapshot): Promise<void> {
    const { clock, sources } = this.#ports;
    const keep = (hash: Uint8Array, page: Uint8Array): Staging => this.#joining.stage(hash, page);
    const onForged = (peer: PeerId): void =>
      this.#charge(peer, "a page of a snapshot is not the one that was asked for");
    return this.#joining.missing(hashes).then((missing) => {
      const pages = new PageFetch({ clock, sources, aside: this.#aside, keep, onForged }, missing);
      this.#fetch = { snapshot: { checkpoint, hashes }, pages };
    });
  }

  #goOn({ snapshot, pages }: Fetch): void {
    pages.ask();
    if (pages.isInVain) {
      // They have gone over to the next checkpoint: it is asked for what that has.
      this.#fetch = undefined;
      this.#candidate = undefined;
      return this.#askForList();
    }
    if (pages.isDone && this.#joining.accepts(snapshot) === "yes") this.#finish(snapshot);
  }

  #finish(snapshot: Snapshot | undefined): void {
    // What was kept last is in the store then.
    const finishing = this.#ports.replica.settled().then(() => this.#joining.finish(snapshot));
    this.#during(
      finishing.then((done) => {
        const how = snapshot ? "sync.snapshot_installed" : "sync.snapshot_by_payload";
        this.#ports.count(done.ok ? how : "sync.snapshot_put_off");
        this.#fetch = undefined;
        this.#candidate = undefined;
      }),
    );
  }

  #refuse(candidate: Candidate): void {
    this.#charge(candidate.from, "the pages of a snapshot are not those of its checkpoint");
    this.#drop(candidate);
  }

  /** Another peer is asked, or the same one later. */
  #drop({ from }: Pick<Candidate, "from">): void {
    this.#candidate = undefined;
    this.#aside.add(from);
    this.#step();
  }

  #isLost(asked: Asked | undefined, now: number): boolean {
    if (!asked) return false;
    const isHere = this.#sourceOf(asked.from) !== undefined;
    const isLate = isPast(now, asked.sinceMs, SNAPSHOT_PATIENCE_MS);
    if (isHere && isLate) this.#aside.add(asked.from);
    if (!isHere || isLate) this.#candidate = undefined;
    return !isHere || isLate;
  }

  #progressed(counter: string): void {
    this.#progressMs = this.#ports.clock.now();
    this.#ports.count(counter);
  }

  #available(): SnapshotSource[] {
    return this.#ports.sources().filter(({ id }) => !this.#aside.has(id));
  }

  #sourceOf(peer: PeerId): SnapshotSource | undefined {
    return this.#ports.sources().find(({ id }) => id === peer);
  }

  #charge(peer: PeerId, message: string): void {
    const failure: Failure<SnapshotErrorCode> = { code: "SNAPSHOT_FORGED", message };
    this.#ports.charge(peer, failure);
  }

  #during(work: Promise<void>): void {
    this.#isBusy = true;
    const done = (): void => {
      this.#isBusy = false;
      this.#step();
    };
    // A store that fails closes the replica, which tells of it.
    work.then(done, () => {
      this.#isBusy = false;
    });
  }
}
