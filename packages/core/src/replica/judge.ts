/**
 * The verdict on a delta whose parents are all admitted: a function of the delta and its ancestors alone, so the same
 * on every node. Stamp and sequence, parts of the format that this version must know, right at the causal cut.
 */
import type { Cut } from "../access/index.ts";
import { bytesEqual, err, must, ok, type Result } from "../base/index.ts";
import type { AuthenticDelta, Graph, Place } from "../dag/index.ts";
import { type Claim, claimOf } from "./claim.ts";
import type { Rights } from "./rights.ts";

export type AdmissionErrorCode =
  /** It came without its payload, and nothing is taken so just now: the peer is charged. */
  | "DELTA_PRUNED"
  /** A stamp not above its parents', or a sequence that does not follow its actor's previous delta. */
  | "DELTA_INVALID"
  /** Uses a part of the format that this version does not know: update this node. */
  | "DELTA_UNSUPPORTED";

export interface Judged {
  readonly cut: Cut;
  readonly claim: Claim;
}

type Standing = Pick<Place, "parents" | "prev">;

/** Where a delta whose parents and previous delta are admitted stands among them. */
export function standingOf(graph: Graph, delta: AuthenticDelta): Standing {
  const orderOf = (key: string) => must(graph.orderOf(key), "what a ready delta follows is admitted");
  const { parentKeys, prevKey } = delta;
  return { parents: parentKeys.map(orderOf), prev: prevKey === undefined ? undefined : orderOf(prevKey) };
}

export function judge(graph: Graph, rights: Rights, delta: AuthenticDelta, standing: Standing): Result<Judged> {
  const invalid = invalidity(graph, delta, standing);
  if (invalid) return err<AdmissionErrorCode>("DELTA_INVALID", invalid);
  if (delta.extensions.some((extension) => extension.tag % 2 === 0)) {
    return err<AdmissionErrorCode>("DELTA_UNSUPPORTED", "with an extension that this version must know");
  }
  const claim = claimOf(delta);
  const cut = rights.judge(delta, standing.parents, claim);
  return cut.ok ? ok({ cut: cut.value, claim }) : cut;
}

function invalidity(graph: Graph, delta: AuthenticDelta, { parents, prev }: Standing): string | undefined {
  if (parents.some((parent) => graph.stampOf(parent) >= delta.stamp)) return "its stamp is not above a parent's";
  if (prev === undefined) return undefined;
  if (!bytesEqual(graph.actorOf(prev), delta.actor)) return "prev is another actor's";
  if (graph.sequenceOf(prev) + 1 !== delta.sequence) return "its sequence does not follow prev's";
  if (graph.stampOf(prev) >= delta.stamp) return "its stamp is not above prev's";
  return undefined;
}
