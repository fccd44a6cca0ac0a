/**
 * The plan of a run: what the world is like and what happens in it, all drawn from the seed (`draw-plan.ts`) before
 * anything runs. Shrinking takes entries out; what is left happens as before.
 */
import type { Weather } from "@dunlin/core/simulation";
import type { Deed } from "./traitors/deeds.ts";

export type Role = "reader" | "writer" | "admin";

/** Something that happens at a moment; times in milliseconds since the start. */
export type Entry =
  | {
      readonly atMs: number;
      readonly kind: "join";
      readonly node: number;
      readonly by: number;
      readonly role: Role;
      /** By a ticket for whoever bears its secret, rather than for this node's member. */
      readonly isBearer: boolean;
    }
  /** `count` calls at once, drawn from `seed`. */
  | {
      readonly atMs: number;
      readonly kind: "calls";
      readonly node: number;
      readonly count: number;
      readonly seed: number;
    }
  /** `survives`: the share of unflushed batches that reached the disk all the same. */
  | {
      readonly atMs: number;
      readonly kind: "crash";
      readonly node: number;
      readonly downMs: number;
      readonly survives: number;
    }
  /** The store moved: the node comes back as another actor. */
  | { readonly atMs: number; readonly kind: "move"; readonly node: number; readonly downMs: number }
  /** The next flush fails, and the node restarts; `survives` as in a crash. */
  | { readonly atMs: number; readonly kind: "disk-fails"; readonly node: number; readonly survives: number }
  /** Each flush takes so much longer. */
  | {
      readonly atMs: number;
      readonly kind: "disk-slow";
      readonly node: number;
      readonly byMs: number;
      readonly forMs: number;
    }
  | { readonly atMs: number; readonly kind: "cut"; readonly a: number; readonly b: number }
  /** Nothing that `from` sends arrives at `to`; then it does, or is lost with the connection. */
  | {
      readonly atMs: number;
      readonly kind: "one-way";
      readonly from: number;
      readonly to: number;
      readonly forMs: number;
      readonly isLost: boolean;
    }
  /** Nodes with different numbers do not reach each other. */
  | { readonly atMs: number; readonly kind: "partition"; readonly groups: readonly number[]; readonly forMs: number }
  | {
      readonly atMs: number;
      readonly kind: "slow";
      readonly node: number;
      readonly byMs: number;
      readonly forMs: number;
    }
  | { readonly atMs: number; readonly kind: "clock"; readonly node: number; readonly offsetMs: number }
  /** What `by` says of another node's member, or of its own. */
  | { readonly atMs: number; readonly kind: "remove"; readonly by: number; readonly member: number }
  | { readonly atMs: number; readonly kind: "role"; readonly by: number; readonly member: number; readonly role: Role }
  | { readonly atMs: number; readonly kind: "add"; readonly by: number; readonly member: number; readonly role: Role }
  | { readonly atMs: number; readonly kind: "deed"; readonly node: number; readonly deed: Deed; readonly seed: number };

export interface Plan {
  readonly seed: number;
  readonly nodes: number;
  /** Links that each node chooses, of a crowd; undefined when all are linked to all. */
  readonly neighbours?: number;
  readonly durationMs: number;
  readonly weather: Weather;
  /** Nodes whose owners do as they please: `traitors/`. Never the founder's. */
  readonly traitors: readonly Traitor[];
  readonly entries: readonly Entry[];
}

/** What a traitor makes of the frames of its own node, all the time. */
export interface Traitor {
  readonly node: number;
  /** Chance that a delta is kept from a peer, for good. */
  readonly withholds: number;
  /** Chance that a frame says something else than it should. */
  readonly lies: number;
  /** Chance that what it serves of a snapshot is not what it holds. */
  readonly poisons: number;
  /** Whether it is gone, and does no more, when all else is healed. */
  readonly leaves: boolean;
}

/** What somebody says of a member. */
export type Saying = Extract<Entry, { readonly kind: "remove" | "role" | "add" }>;
