/**
 * A vitest reporter that writes `{ passed, failed, skips: [{ name, reason }] }` to the file that DUNLIN_REPORT names.
 * A skip's reason is what the test gave to `context.skip(reason)`; any other way to skip has none.
 */
import { writeFileSync } from "node:fs";

export class CountReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const path = process.env.DUNLIN_REPORT;
    if (path === undefined) return;
    const report = { passed: 0, failed: unhandledErrors.length, skips: [] };
    for (const module of modules) addModule(report, module);
    writeFileSync(path, JSON.stringify(report));
  }
}

function addModule(report, module) {
  // A module that does not load has no tests to count; so has an empty one, which checks nothing.
  let tests = 0;
  for (const test of module.children.allTests()) {
    tests++;
    const result = test.result();
    if (result.state === "passed") report.passed++;
    else if (result.state === "skipped") report.skips.push({ name: test.fullName, reason: result.note ?? "" });
    else report.failed++;
  }
  if (tests === 0 || module.errors().length > 0) report.failed++;
}
