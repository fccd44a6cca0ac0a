import { defineConfig } from "vitest/config";

// Tests run against sources: the private "x-source" condition resolves workspace imports without a build.
const conditions = ["x-source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["packages/*/src/**/*.test.ts", "sim/src/**/*.test.ts", "tools/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    testTimeout: 120_000,
    pool: "threads",
    maxWorkers: 2,
  },
});
