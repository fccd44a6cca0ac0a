/**
 * The checks, as data: what `npm test`, `npm run check` and `npm run verify` run, in this order.
 *
 * A step is one `node` script of an installed tool or of this repository. It passes with exit code 0. A step with a
 * `report` writes its own counts there (`vitest-reporter.mjs`); any other is one check. `needs` names files that must
 * exist before it starts: a step whose part is missing fails and says so.
 */
import { toolPath } from "./process.mjs";

const vitest = toolPath("vitest", "vitest.mjs");

/** Checks that read sources and run nothing. */
export const staticSteps = [
  { name: "format and lint", args: [toolPath("@biomejs", "biome", "bin", "biome"), "ci", "--error-on-warnings", "."] },
  { name: "types", args: [toolPath("typescript", "bin", "tsc"), "-b"] },
  {
    name: "layers",
    args: [
      toolPath("dependency-cruiser", "bin", "dependency-cruise.mjs"),
      "--config",
      ".dependency-cruiser.mjs",
      "packages",
      "sim",
      "bench",
      "examples",
    ],
  },
  { name: "unused code", args: [toolPath("knip", "bin", "knip.js"), "--no-progress", "--no-config-hints"] },
];

/** Everything. `gate` sizes the simulator's part: "test" or "verify". */
export function allSteps(gate) {
  return [
    ...staticSteps,
    {
      name: "unit and property tests",
      args: [vitest, "run"],
      report: ".cache/unit.json",
    },
    { name: "speed budget", args: ["bench/dist/main.js", "budget"], needs: ["bench/dist/main.js"] },
    { name: "simulator", args: ["sim/dist/main.js", "--gate", gate], needs: ["sim/dist/main.js"] },
    {
      name: "end to end",
      args: [vitest, "run", "--config", "vitest.e2e.config.ts"],
      needs: ["packages/cli/dist/main.js", "tests/e2e"],
      report: ".cache/e2e.json",
    },
    {
      name: "browser",
      args: [vitest, "run", "--config", "vitest.browser.config.ts"],
      report: ".cache/browser.json",
    },
  ];
}
