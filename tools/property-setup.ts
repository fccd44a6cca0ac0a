/**
 * Sizes fast-check's properties for the long gate: DUNLIN_PROPERTY_RUNS is the number of runs of each property that
 * does not set its own. Nothing is loaded without it, since most test files have no property.
 */
const runs = process.env["DUNLIN_PROPERTY_RUNS"];

if (runs !== undefined && runs !== "") {
  const { configureGlobal, readConfigureGlobal } = await import("fast-check");
  configureGlobal({ ...readConfigureGlobal(), numRuns: Number(runs) });
}

export {};
