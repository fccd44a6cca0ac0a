import { defineConfig } from "vitest/config";
import { CountReporter } from "./tools/vitest-reporter.mjs";

// Tests run against sources: the private "x-source" condition resolves workspace imports without a build.
const conditions = ["x-source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      "{packages,examples}/*/src/**/*.test.ts",
      "examples/*/app.test.ts",
      "{sim,bench}/src/**/*.test.ts",
      "tools/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "**/dist/**"],
    setupFiles: ["tools/property-setup.ts"],
    reporters: ["default", new CountReporter()],
    testTimeout: Number(process.env["DUNLIN_TEST_TIMEOUT_MS"] ?? 120_000),
    pool: "threads",
    maxWorkers: 2,
  },
});
