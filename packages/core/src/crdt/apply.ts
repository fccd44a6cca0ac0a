/**
 * Joins from elsewhere, into the containers of a document. Two steps: everything that is read is read first (a read may
 * throw `Miss`), then everything is joined, which cannot fail.
 */
import type { ContainerType } from "./container-type.ts";
import type { ContainerCache } from "./containers/container-cache.ts";
import type { ContainerJoins } from "./joins/joins.ts";
import type { Origin } from "./origin.ts";
import type { JoinStep } from "./types/definition.ts";
import { DEFINITIONS } from "./types/definitions.ts";

/** Gives the number of joins that were void. */
export function applyJoins(cache: ContainerCache, containers: readonly ContainerJoins[], origin: Origin): number {
  const [only] = containers;
  if (only !== undefined && containers.length === 1) return prepare(cache, only, origin)();
  const steps = containers.map((container) => prepare(cache, container, origin));
  let voidCount = 0;
  for (const step of steps) voidCount += step();
  return voidCount;
}

function prepare<T extends ContainerType>(
  cache: ContainerCache,
  { type, name, joins }: ContainerJoins<T>,
  origin: Origin,
): JoinStep {
  return DEFINITIONS[type].prepare(cache.named(type, name), joins, origin);
}
