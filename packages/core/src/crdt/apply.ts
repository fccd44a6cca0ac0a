/**
 * Joins from elsewhere, into the containers of a document. Two steps: everything that is read is read first (a read may
 * throw `Miss`), then everything is joined, which cannot fail.
 */
import type { ContainerType } from "./container-type.ts";
import type { ContainerCache } from "./containers/container-cache.ts";
import type { ContainerJoins } from "./joins/joins.ts";
import type { Origin } from "./origin.ts";
import { originOf } from "./reissue/branch-actor.ts";
import type { JoinStep } from "./types/definition.ts";
import { DEFINITIONS } from "./types/definitions.ts";

/** Gives the number of joins that were void. */
export function applyJoins(cache: ContainerCache, containers: readonly ContainerJoins[], origin: Origin): number {
  return prepareJoins(cache, containers, origin)();
}

/** The first step; gives the second. */
export function prepareJoins(cache: ContainerCache, containers: readonly ContainerJoins[], origin: Origin): JoinStep {
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return prepare(cache, only, origin);
  const steps = containers.map((container) => prepare(cache, container, origin));
  return () => {
    let voidCount = 0;
    for (const step of steps) voidCount += step();
    return voidCount;
  };
}

function prepare<T extends ContainerType>(
  cache: ContainerCache,
  { type, name, joins, branch }: ContainerJoins<T>,
  origin: Origin,
): JoinStep {
  const own = branch === undefined ? origin : interned(cache, originOf({ branch }, origin));
  return DEFINITIONS[type].prepare(cache.named(type, name), joins, own);
}

function interned(cache: ContainerCache, origin: Origin): Origin {
  return { ...origin, actor: cache.intern(origin.actor) };
}
