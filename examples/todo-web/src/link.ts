/** Where the todos go besides this browser. One place to change when there is a relay: nothing else knows of it. */
import type { Database } from "@dunlin/core";

export interface Link {
  /** For people. */
  readonly state: string;
}

export function openLink(_database: Database): Link {
  return { state: "In this browser only, shared by its tabs." };
}
