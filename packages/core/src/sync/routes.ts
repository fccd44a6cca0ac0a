/**
 * Along which sessions each author's new deltas travel: one tree per author, without any message to set it up.
 *
 * New deltas go to every neighbour at first. Whoever gets an author's deltas from two sides keeps one, its *parent* for
 * that author, and asks the other to leave them out: after one round each node gets each delta once. Where everybody is
 * connected to everybody the author itself becomes the parent of all, and nobody forwards anything. A node that loses
 * its parent asks all others again; what it missed meanwhile it is told of by announcements, and pulls.
 *
 * Owns: at most one parent per author, changed only when the author itself turns up, when the parent goes, or when
 * another was asked for what did not come. So two nodes never both decline each other for good, and at rest nobody
 * changes anything. It decides how fast deltas come, never whether.
 */
import { PRUNE_AGAIN_MS } from "./limits.ts";

export type RouteChange = "decline" | "accept";

interface Route<S> {
  parent: S | undefined;
  /** Whether the parent is the author's own node. */
  isDirect: boolean;
  /** Neighbours that asked not to be sent this author's deltas. */
  readonly declinedBy: Set<S>;
  /** Neighbours that were asked the same, and when. */
  readonly declinedMs: Map<S, number>;
}

export class Routes<S extends object> {
  readonly #routes = new Map<string, Route<S>>();

  /** True when the author's deltas are to be sent to `to`. */
  leadsTo(actorKey: string, to: S): boolean {
    const route = this.#routes.get(actorKey);
    return route === undefined || (route.parent !== to && !route.declinedBy.has(to));
  }

  /** True when what comes of this author is not forwarded to `to`, so it needs to be told. */
  mustAnnounce(actorKey: string, to: S): boolean {
    return !this.leadsTo(actorKey, to) && this.#routes.get(actorKey)?.parent !== to;
  }

  /** Deltas of an author came from `from`: what to tell whom. */
  received(
    actorKey: string,
    from: S,
    { isNew, isDirect, nowMs }: { readonly isNew: boolean; readonly isDirect: boolean; readonly nowMs: number },
  ): { readonly to: S; readonly change: RouteChange }[] {
    const route = this.#routeOf(actorKey);
    if (route.parent === from) return [];
    const before = route.parent;
    if (before === undefined ? isNew || isDirect : isDirect && !route.isDirect) {
      route.parent = from;
      route.isDirect = isDirect;
      const accept = route.declinedMs.delete(from) ? [{ to: from, change: "accept" as const }] : [];
      return before ? [...accept, ...this.#decline(route, before, nowMs)] : accept;
    }
    return this.#decline(route, from, nowMs);
  }

  /** A neighbour asked to be sent, or not to be sent, an author's deltas. */
  asked(actorKey: string, by: S, change: RouteChange): void {
    const { declinedBy } = this.#routeOf(actorKey);
    if (change === "decline") declinedBy.add(by);
    else declinedBy.delete(by);
  }

  /** What another neighbour announced did not come: from now on it comes from there. */
  turnTo(actorKey: string, to: S): void {
    const route = this.#routeOf(actorKey);
    route.parent = to;
    route.isDirect = false;
    route.declinedMs.delete(to);
  }

  /** A neighbour has gone; returns the authors whose deltas came from it, with those to ask for them again. */
  lost(gone: S): ReadonlyMap<S, readonly string[]> {
    const ask = new Map<S, string[]>();
    for (const [actorKey, route] of this.#routes) {
      route.declinedBy.delete(gone);
      route.declinedMs.delete(gone);
      if (route.parent !== gone) continue;
      route.parent = undefined;
      for (const other of route.declinedMs.keys()) ask.set(other, [...(ask.get(other) ?? []), actorKey]);
      route.declinedMs.clear();
    }
    return ask;
  }

  #decline(route: Route<S>, from: S, nowMs: number): { readonly to: S; readonly change: RouteChange }[] {
    const sinceMs = route.declinedMs.get(from);
    if (sinceMs !== undefined && nowMs - sinceMs < PRUNE_AGAIN_MS) return [];
    route.declinedMs.set(from, nowMs);
    return [{ to: from, change: "decline" }];
  }

  #routeOf(actorKey: string): Route<S> {
    const known = this.#routes.get(actorKey);
    if (known) return known;
    const route: Route<S> = { parent: undefined, isDirect: false, declinedBy: new Set(), declinedMs: new Map() };
    this.#routes.set(actorKey, route);
    return route;
  }
}
