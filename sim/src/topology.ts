/**
 * Who keeps a connection to whom: all in a small group; in a large one each draws a few, as a node does, so about eight.
 */
import { mix } from "./mix.ts";

/** A full net up to so many nodes. */
export const NET_MAX = 25;
const NEIGHBOURS_DRAWN = 4;

export function isNear(seed: number, nodes: number, a: number, b: number): boolean {
  return nodes <= NET_MAX || draws(seed, nodes, a, b) || draws(seed, nodes, b, a);
}

/** The next one too, so that the whole hangs together. */
function draws(seed: number, nodes: number, by: number, other: number): boolean {
  if (other === (by + 1) % nodes) return true;
  for (let i = 0; i < NEIGHBOURS_DRAWN; i++) if (mix(seed, 11, by, i) % nodes === other) return true;
  return false;
}
