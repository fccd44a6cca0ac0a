/** Limits of the registry and of alerts: what they keep is bounded however long a process runs and whatever it counts. */

/** Metrics in one registry. Names come from the program, so more is a name built of foreign input. */
export const METRICS_MAX = 1_000;
/** Label sets of one metric. What comes beyond them is counted together, in a series whose labels all say `other`. */
export const SERIES_PER_METRIC_MAX = 100;
/** Labels of one metric. */
export const LABELS_MAX = 8;
/** Characters of a label's value; a longer one is cut. */
export const LABEL_VALUE_CHARS_MAX = 200;
/** A single operation that takes longer is counted as slow. The figure of the latency target. */
export const SLOW_OPERATION_MS = 10;
/** Rules of one set of alerts. */
export const ALERT_RULES_MAX = 100;
/** Events that a set of alerts remembers; the oldest goes first. */
export const ALERT_HISTORY_MAX = 1_000;
/** How often a monitor samples and looks. */
export const MONITOR_INTERVAL_MS = 1_000;
