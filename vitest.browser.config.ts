import { defineConfig } from "vitest/config";
import { CountReporter } from "./tools/vitest-reporter.mjs";

// In a real browser: the tests run in Node and drive pages that are bundled from sources. One browser for all.
const conditions = ["x-source"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["tests/browser/**/*.test.ts"],
    exclude: ["**/node_modules/**", "**/dist/**"],
    globalSetup: ["tests/browser/support/global-setup.ts"],
    reporters: ["default", new CountReporter()],
    testTimeout: Number(process.env["DUNLIN_TEST_TIMEOUT_MS"] ?? 60_000),
    hookTimeout: 60_000,
    // What a page shows comes in its own time.
    expect: { poll: { timeout: 20_000 } },
    pool: "forks",
    maxWorkers: 1,
    fileParallelism: false,
  },
});
