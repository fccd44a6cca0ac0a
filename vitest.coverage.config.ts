import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

// Branches of what must not lose a write, by the tests that run in this process. What runs in others, a browser or a
// process that is killed, is not counted, nor what the simulator's gate reaches beyond its own tests.
export default mergeConfig(
  base,
  defineConfig({
    test: {
      coverage: {
        enabled: true,
        provider: "v8",
        include: ["packages/core/src/{base,crdt,dag,access,crypto,sync,replica}/**"],
        exclude: ["**/testing.ts", "**/*.test.ts"],
        reporter: ["text-summary", "html"],
        reportsDirectory: ".cache/coverage",
        thresholds: {
          "packages/core/src/{base,crdt,dag,access,crypto}/**": { branches: 95 },
          "packages/core/src/{sync,replica}/**": { branches: 88 },
        },
      },
    },
  }),
);
