import { defineConfig } from "vitest/config";
import { CountReporter } from "./tools/vitest-reporter.mjs";

// End to end: real processes of the built command, so no source condition. Most of the time they wait for each other.
export default defineConfig({
  test: {
    include: ["tests/e2e/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    reporters: ["default", new CountReporter()],
    testTimeout: Number(process.env["DUNLIN_TEST_TIMEOUT_MS"] ?? 120_000),
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
