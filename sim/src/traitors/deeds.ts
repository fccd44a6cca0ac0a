/** What a traitor may do at a moment of the plan. */
import type { Prng } from "@dunlin/core/base";
import {
  backdate,
  bare,
  crowd,
  deep,
  descend,
  equivocate,
  forge,
  hoard,
  impersonate,
  orphans,
  postdate,
  scramble,
  skip,
  strangers,
  strip,
  trespass,
  usurp,
  wide,
} from "./false-deltas.ts";
import { beg, boast, discard, divert, invite, misfile, noise, poison, replay, search } from "./false-frames.ts";
import type { Means, Traitor } from "./traitor.ts";

export type Deed =
  | "backdate"
  | "bare"
  | "beg"
  | "boast"
  | "crowd"
  | "deep"
  | "descend"
  | "discard"
  | "divert"
  | "equivocate"
  | "forge"
  | "hoard"
  | "impersonate"
  | "invite"
  | "misfile"
  | "noise"
  | "orphans"
  | "poison"
  | "postdate"
  | "replay"
  | "scramble"
  | "search"
  | "skip"
  | "strangers"
  | "strip"
  | "trespass"
  | "usurp"
  | "wide";

const BY_NAME: Readonly<Record<Deed, (traitor: Traitor, means: Means, prng: Prng) => void>> = {
  backdate,
  bare,
  beg,
  boast,
  crowd,
  deep,
  descend,
  discard,
  divert,
  equivocate,
  forge,
  hoard,
  impersonate,
  invite,
  misfile,
  noise,
  orphans,
  poison,
  postdate,
  replay,
  scramble,
  search,
  skip,
  strangers,
  strip,
  trespass,
  usurp,
  wide,
};

export const DEEDS: readonly Deed[] = Object.keys(BY_NAME) as Deed[];

/** Those that have to do with snapshots. */
export const SNAPSHOT_DEEDS: readonly Deed[] = ["discard", "poison", "strip", "usurp"];

export function perform(deed: Deed, traitor: Traitor, means: Means, seed: number): void {
  BY_NAME[deed](traitor, means, traitor.draw(seed));
}
