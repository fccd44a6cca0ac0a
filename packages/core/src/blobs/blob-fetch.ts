/**
 * Fetches one blob from the members that have it, several at a time. Sans-I/O: it is told of frames, peers and the
 * time, and says what to send and what to keep.
 *
 * Owns: no byte is kept that its chunk's id does not prove, and no manifest that the blob's id does not. A chunk is
 * asked of one peer at a time, so that whoever sends a wrong one is known: it is charged and asked no more. The size is
 * the word of who gave the manifest; so the last chunk, which proves it, is asked of that peer first.
 * Ends when all chunks are here, or when no peer is left that might have it; while all are merely gone it waits. Going
 * on later, with another fetch, loses nothing that was kept.
 */
import { assert, type BlobId, bytesEqual, concatBytes, must, type PeerId } from "../base/index.ts";
import type { Crypto } from "../crypto/index.ts";
import type { BlobFrame, PieceFrame } from "./blob-frames.ts";
import type { Chunk } from "./chunk-files.ts";
import { BLOB_ANSWER_TIMEOUT_MS, BLOB_CHUNKS_IN_FLIGHT_MAX, BLOB_PIECE_BYTES } from "./limits.ts";
import { chunkBytes, type Manifest, manifestId } from "./manifest.ts";

export type FetchInput =
  | { readonly kind: "peer"; readonly peer: PeerId }
  | { readonly kind: "gone"; readonly peer: PeerId }
  | { readonly kind: "frame"; readonly peer: PeerId; readonly frame: BlobFrame }
  /** Which chunks of the manifest are not here: the answer to a `begin`. */
  | { readonly kind: "begun"; readonly missing: readonly number[] }
  | { readonly kind: "tick" };

export type FetchEffect =
  | { readonly kind: "send"; readonly peer: PeerId; readonly frame: BlobFrame }
  /** Keep the manifest and say which of its chunks are missing. */
  | { readonly kind: "begin"; readonly manifest: Manifest }
  | { readonly kind: "keep"; readonly chunk: Chunk }
  /** The peer sent what its own words refute. */
  | { readonly kind: "charge"; readonly peer: PeerId }
  | { readonly kind: "done" }
  /** Nobody who is left has it. */
  | { readonly kind: "exhausted" };

interface Asked {
  readonly peer: PeerId;
  readonly pieces: Uint8Array[];
  askedMs: number;
}

type Stage =
  | { readonly at: "asking"; readonly from: PeerId | undefined; readonly sinceMs: number }
  | { readonly at: "beginning"; readonly giver: PeerId; readonly manifest: Manifest }
  | { readonly at: "fetching"; readonly giver: PeerId | undefined; readonly manifest: Manifest; proven: boolean }
  | { readonly at: "ended" };

export class BlobFetch {
  readonly #crypto: Pick<Crypto, "sha256">;
  readonly #blob: BlobId;
  readonly #peers = new Set<PeerId>();
  /** Peers that do not have it, or have lied. */
  readonly #spent = new Set<PeerId>();
  readonly #asked = new Map<number, Asked>();
  #missing = new Set<number>();
  #stage: Stage = { at: "asking", from: undefined, sinceMs: 0 };

  constructor(crypto: Pick<Crypto, "sha256">, blob: BlobId) {
    this.#crypto = crypto;
    this.#blob = blob;
  }

  step(input: FetchInput, nowMs: number): FetchEffect[] {
    if (this.#stage.at === "ended") return [];
    const effects: FetchEffect[] = [];
    switch (input.kind) {
      case "peer":
        if (!this.#spent.has(input.peer)) this.#peers.add(input.peer);
        break;
      case "gone":
        this.#drop(input.peer);
        break;
      case "frame":
        if (this.#peers.has(input.peer)) this.#onFrame(input.peer, input.frame, nowMs, effects);
        break;
      case "begun":
        this.#onBegun(input.missing);
        break;
      case "tick":
        this.#dropSilent(nowMs);
        break;
    }
    this.#goOn(nowMs, effects);
    return effects;
  }

  #onFrame(peer: PeerId, frame: BlobFrame, nowMs: number, effects: FetchEffect[]): void {
    if (frame.kind === "manifest") return this.#onManifest(peer, frame.manifest, effects);
    if (frame.kind === "none" && bytesEqual(frame.blob, this.#blob)) return this.#spend(peer);
    if (frame.kind === "piece" && bytesEqual(frame.blob, this.#blob)) this.#onPiece(peer, frame, nowMs, effects);
  }

  #onManifest(peer: PeerId, manifest: Manifest, effects: FetchEffect[]): void {
    if (this.#stage.at !== "asking" || this.#stage.from !== peer) return;
    if (!bytesEqual(manifestId(this.#crypto, manifest), this.#blob)) return this.#charge(peer, effects);
    this.#stage = { at: "beginning", giver: peer, manifest };
    effects.push({ kind: "begin", manifest });
  }

  #onBegun(missing: readonly number[]): void {
    assert(this.#stage.at === "beginning", "the answer to a begin");
    const { giver, manifest } = this.#stage;
    this.#missing = new Set(missing);
    const last = manifest.chunks.length - 1;
    this.#stage = { at: "fetching", giver, manifest, proven: last < 0 || !this.#missing.has(last) };
  }

  #onPiece(peer: PeerId, frame: PieceFrame, nowMs: number, effects: FetchEffect[]): void {
    const asked = this.#asked.get(frame.chunk);
    if (this.#stage.at !== "fetching" || asked?.peer !== peer) return;
    const size = chunkBytes(this.#stage.manifest, frame.chunk);
    const start = asked.pieces.length * BLOB_PIECE_BYTES;
    const expected = Math.min(BLOB_PIECE_BYTES, size - start);
    if (frame.piece !== asked.pieces.length || frame.bytes.length !== expected) {
      return this.#refute(peer, effects);
    }
    asked.pieces.push(frame.bytes.slice());
    asked.askedMs = nowMs;
    if (start + expected < size) return;
    const bytes = concatBytes(...asked.pieces);
    const id = must(this.#stage.manifest.chunks[frame.chunk], "a chunk of the manifest");
    if (!bytesEqual(this.#crypto.sha256(bytes), id)) return this.#refute(peer, effects);
    this.#asked.delete(frame.chunk);
    this.#missing.delete(frame.chunk);
    if (frame.chunk === this.#stage.manifest.chunks.length - 1) this.#stage.proven = true;
    effects.push({ kind: "keep", chunk: { id, bytes } });
  }

  /** A chunk that is not what its id says. Of the manifest's giver, while the size is unproven, the size may be the lie. */
  #refute(peer: PeerId, effects: FetchEffect[]): void {
    const unproven = this.#stage.at === "fetching" && !this.#stage.proven;
    this.#charge(peer, effects);
    if (unproven) this.#restart();
  }

  #restart(): void {
    this.#asked.clear();
    this.#missing.clear();
    this.#stage = { at: "asking", from: undefined, sinceMs: 0 };
  }

  #dropSilent(nowMs: number): void {
    if (this.#stage.at === "asking" && this.#stage.from && nowMs - this.#stage.sinceMs > BLOB_ANSWER_TIMEOUT_MS) {
      this.#spend(this.#stage.from);
    }
    for (const { peer, askedMs } of [...this.#asked.values()]) {
      if (nowMs - askedMs > BLOB_ANSWER_TIMEOUT_MS) this.#spend(peer);
    }
  }

  #charge(peer: PeerId, effects: FetchEffect[]): void {
    effects.push({ kind: "charge", peer });
    this.#spend(peer);
  }

  #spend(peer: PeerId): void {
    this.#spent.add(peer);
    this.#drop(peer);
  }

  #drop(peer: PeerId): void {
    this.#peers.delete(peer);
    for (const [chunk, asked] of this.#asked) if (asked.peer === peer) this.#asked.delete(chunk);
    if (this.#stage.at === "asking" && this.#stage.from === peer) {
      this.#restart();
    }
  }

  #goOn(nowMs: number, effects: FetchEffect[]): void {
    const stage = this.#stage;
    if (stage.at === "asking" && !stage.from) this.#ask(nowMs, effects);
    if (stage.at === "fetching") {
      if (this.#missing.size === 0) return this.#end({ kind: "done" }, effects);
      // Until the size is proven, by its giver or, without it, by whoever gives the next manifest.
      if (!stage.proven && !(stage.giver && this.#peers.has(stage.giver))) {
        this.#restart();
        return this.#ask(nowMs, effects);
      }
      this.#fetch(stage, nowMs, effects);
      if (this.#peers.size === 0 && this.#spent.size > 0) this.#end({ kind: "exhausted" }, effects);
    }
  }

  #ask(nowMs: number, effects: FetchEffect[]): void {
    const [peer] = this.#peers;
    if (!peer) {
      if (this.#spent.size > 0) this.#end({ kind: "exhausted" }, effects);
      return;
    }
    this.#stage = { at: "asking", from: peer, sinceMs: nowMs };
    effects.push({ kind: "send", peer, frame: { kind: "ask", blob: this.#blob } });
  }

  #fetch(stage: Extract<Stage, { at: "fetching" }>, nowMs: number, effects: FetchEffect[]): void {
    const last = stage.manifest.chunks.length - 1;
    const wanted = stage.proven ? this.#missing : [last];
    const peers = stage.proven ? [...this.#peers] : [must(stage.giver, "who gave the manifest")];
    for (const chunk of wanted) {
      if (this.#asked.has(chunk)) continue;
      const peer = peers.find((candidate) => this.#inFlight(candidate) < BLOB_CHUNKS_IN_FLIGHT_MAX);
      if (!peer) return;
      this.#asked.set(chunk, { peer, pieces: [], askedMs: nowMs });
      effects.push({ kind: "send", peer, frame: { kind: "fetch", blob: this.#blob, chunk } });
    }
  }

  #inFlight(peer: PeerId): number {
    let count = 0;
    for (const asked of this.#asked.values()) if (asked.peer === peer) count++;
    return count;
  }

  #end(effect: FetchEffect, effects: FetchEffect[]): void {
    this.#stage = { at: "ended" };
    effects.push(effect);
  }
}
