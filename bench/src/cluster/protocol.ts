/** What the measuring process and the processes of a group's members say to each other. */

export interface OpenRequest {
  readonly kind: "open";
  readonly folder: string;
  readonly members: readonly number[];
  readonly size: number;
  readonly context: string;
  /** Deltas to begin with, hex: the genesis for the founder, and all that it wrote for the others. */
  readonly deltas: readonly string[];
}

export interface DialRequest {
  readonly kind: "dial";
  /** By member, those that it keeps connected. */
  readonly targets: Readonly<Record<number, readonly DialTarget[]>>;
  /** Of each direction of a link; links are direct when absent. */
  readonly latencyMs?: number;
}

export interface DialTarget {
  readonly index: number;
  readonly addresses: readonly string[];
}

/** Cuts all links between members of different sides, or lets them be made again. */
export interface PartRequest {
  readonly kind: "part";
  /** By member; undefined heals. */
  readonly sides: readonly number[] | undefined;
}

/** Waits until every member here holds so many deltas and has as many ready sessions as links. */
export interface SettleRequest {
  readonly kind: "settle";
  readonly links: Readonly<Record<number, number>>;
}

export interface WriteRequest {
  readonly kind: "write";
  /** Writers, by their number from 0, and the member that each is. */
  readonly writers: Readonly<Record<number, number>>;
  readonly writersInAll: number;
  readonly perSecondEach: number;
  readonly durationMs: number;
  readonly valueBytes: number;
}

export type ToMember =
  | OpenRequest
  | DialRequest
  | SettleRequest
  | WriteRequest
  | PartRequest
  | { readonly kind: "drained"; readonly expected: readonly number[]; readonly deadlineMs: number }
  | { readonly kind: "report" }
  | { readonly kind: "close" };

export interface Report {
  /** By writer, for each of its calls: when it was made, where this process wrote it; else NaN. */
  readonly writtenMs: readonly (readonly number[])[];
  /** By writer, for each of its calls: when the last member of this process had it on disk; NaN when one has not. */
  readonly lastMs: readonly (readonly number[])[];
  readonly cpuMs: number;
  readonly bytesOut: number;
  readonly framesOut: number;
  readonly rssBytes: number;
  readonly counters: Readonly<Record<string, number>>;
  /** When a link between sides stood again for the first time since they were healed. */
  readonly joinedMs?: number | undefined;
}

export type FromMember =
  | {
      readonly kind: "opened";
      readonly addresses: Readonly<Record<number, readonly string[]>>;
      /** What the founder holds, from its process. */
      readonly deltas: readonly string[];
    }
  | { readonly kind: "done" }
  | { readonly kind: "written"; readonly calls: Readonly<Record<number, number>> }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "report"; readonly report: Report };
