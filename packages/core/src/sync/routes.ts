/**
 * Along which sessions each author's new deltas travel: one tree per author, without any message to set it up.
 *
 * New deltas go to every neighbour at first. Whoever gets an author's deltas from two sides keeps one, its *parent* for
 * that author, and asks the other to leave them out: after one round each node gets each delta once. Where everybody is
 * connected to everybody the author itself becomes the parent of all, and nobody forwards anything. A node that loses
 * its parent asks all others again; what it missed meanwhile it is told of by announcements, and pulls.
 *
 * Owns: at most one parent per author. It changes when the author itself turns up, when the parent goes, when another
 * keeps bringing what the parent does not, or when what had not come was pulled from another, who does not itself hang
 * on this node. Others are declined only while the parent brings something, so at rest nobody changes anything, and a
 * node whose parent fell silent declines nobody. It decides how fast deltas come, never whether.
 */
import { PRUNE_AGAIN_MS, STRAYS_MAX } from "./limits.ts";

export type RouteChange = "decline" | "accept";

export interface RouteOrder<S> {
  readonly to: S;
  readonly change: RouteChange;
}

interface Route<S> {
  parent: S | undefined;
  /** Whether the parent is the author's own node. */
  isDirect: boolean;
  /** How often others brought something new since the parent last brought anything. */
  readonly strays: Map<S, number>;
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
  ): RouteOrder<S>[] {
    const route = this.#routeOf(actorKey);
    if (route.parent === from) return this.#declineStrays(route, nowMs);
    if (route.parent === undefined ? isNew || isDirect : isDirect && !route.isDirect) {
      const before = route.parent;
      const orders = this.#adopt(route, from, isDirect);
      return before ? [...orders, ...this.#decline(route, before, nowMs)] : orders;
    }
    if (!isNew) return this.#decline(route, from, nowMs);
    const times = (route.strays.get(from) ?? 0) + 1;
    route.strays.set(from, times);
    return times < STRAYS_MAX ? [] : this.#adopt(route, from, isDirect);
  }

  /** A neighbour asked to be sent, or not to be sent, an author's deltas. */
  asked(actorKey: string, by: S, change: RouteChange): RouteOrder<S>[] {
    const route = this.#routeOf(actorKey);
    if (change === "decline") {
      route.declinedBy.add(by);
      return [];
    }
    route.declinedBy.delete(by);
    if (route.parent !== by) return [];
    // Who hangs on this node cannot be its parent: each would wait for the other.
    return this.#orphan(route);
  }

  /** What had not come was pulled from `to`: from now on it comes from there, unless `to` hangs on this node itself. */
  turnTo(actorKey: string, to: S): RouteOrder<S>[] {
    const route = this.#routeOf(actorKey);
    if (route.parent === to || !route.declinedBy.has(to)) return [];
    return [...this.#adopt(route, to, false).filter((order) => order.to !== to), { to, change: "accept" }];
  }

  /** A neighbour has gone: the authors whose deltas came from it are asked for elsewhere. */
  lost(gone: S): ReadonlyMap<string, readonly RouteOrder<S>[]> {
    const orders = new Map<string, readonly RouteOrder<S>[]>();
    for (const [actorKey, route] of this.#routes) {
      route.declinedBy.delete(gone);
      route.declinedMs.delete(gone);
      route.strays.delete(gone);
      if (route.parent === gone) orders.set(actorKey, this.#orphan(route));
    }
    return orders;
  }

  #adopt(route: Route<S>, parent: S, isDirect: boolean): RouteOrder<S>[] {
    route.parent = parent;
    route.isDirect = isDirect;
    route.strays.clear();
    return route.declinedMs.delete(parent) ? [{ to: parent, change: "accept" }] : [];
  }

  #orphan(route: Route<S>): RouteOrder<S>[] {
    route.parent = undefined;
    route.isDirect = false;
    route.strays.clear();
    const orders = [...route.declinedMs.keys()].map((to) => ({ to, change: "accept" as const }));
    route.declinedMs.clear();
    return orders;
  }

  #declineStrays(route: Route<S>, nowMs: number): RouteOrder<S>[] {
    if (route.strays.size === 0) return [];
    const orders = [...route.strays.keys()].flatMap((stray) => this.#decline(route, stray, nowMs));
    route.strays.clear();
    return orders;
  }

  #decline(route: Route<S>, from: S, nowMs: number): RouteOrder<S>[] {
    const sinceMs = route.declinedMs.get(from);
    if (sinceMs !== undefined && nowMs - sinceMs < PRUNE_AGAIN_MS) return [];
    route.declinedMs.set(from, nowMs);
    return [{ to: from, change: "decline" }];
  }

  #routeOf(actorKey: string): Route<S> {
    const known = this.#routes.get(actorKey);
    if (known) return known;
    const route: Route<S> = {
      parent: undefined,
      isDirect: false,
      strays: new Map(),
      declinedBy: new Set(),
      declinedMs: new Map(),
    };
    this.#routes.set(actorKey, route);
    return route;
  }
}
