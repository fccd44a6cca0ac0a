/** What a look through a home comes to. */

export interface Finding {
  /** An error is lost or wrong data; a warning is what may become one, or keeps something from working. */
  readonly severity: "error" | "warning";
  /** Stable. */
  readonly code: string;
  /** A file of the home, or a context's id. */
  readonly where: string;
  readonly message: string;
  readonly advice: string;
}

export interface HomeReport {
  /** Of the store. */
  readonly rows: number;
  readonly contexts: readonly string[];
  readonly findings: readonly Finding[];
}
