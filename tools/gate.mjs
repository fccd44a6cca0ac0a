/**
 * Runs steps one after the other, and closes with the two lines that scripts read:
 *
 *     N skipped: reason; reason
 *     N passed, N failed
 *
 * The first is `0 skipped` when nothing was. A skip never counts as passed, and one without a reason counts as
 * failed. Every step runs even when one before it failed, so that one run shows all there is to mend.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { capture, missing, root } from "./process.mjs";

/** Runs the steps and resolves to the exit code: 0 when nothing failed and something passed. */
export async function runGate(steps, env = {}) {
  const rows = [];
  for (const step of steps) {
    console.log(`\n== ${step.name}`);
    const started = performance.now();
    const counts = await runStep(step, env);
    rows.push({ name: step.name, seconds: (performance.now() - started) / 1000, ...counts });
  }
  const total = sum(rows);
  for (const line of summaryLines(rows, total)) console.log(line);
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** The counts of all steps together. */
export function sum(rows) {
  return {
    passed: rows.reduce((count, row) => count + row.passed, 0),
    failed: rows.reduce((count, row) => count + row.failed, 0),
    skips: rows.flatMap((row) => row.skips),
  };
}

/** The table of steps and the closing lines. */
export function summaryLines(rows, total) {
  const width = Math.max(...rows.map((row) => row.name.length));
  const table = rows.map((row) => {
    const outcome = row.failed > 0 ? "FAILED" : "ok";
    return `${row.name.padEnd(width)}  ${row.seconds.toFixed(1).padStart(7)} s  ${outcome.padEnd(6)}  ${row.passed} passed, ${row.failed} failed`;
  });
  const skipped = total.skips.length > 0 ? `${total.skips.length} skipped: ${reasonsText(total.skips)}` : "0 skipped";
  return ["", ...table, "", skipped, `${total.passed} passed, ${total.failed} failed`];
}

/**
 * What a step came to, from its exit code and its report. A report that is missing, or that is clean though the step
 * failed, is one failure: a crash must not look like success.
 */
export function countsOf(code, report) {
  if (report === null) return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skips: [] };
  const unexplained = report.skips.filter((skip) => skip.reason === "").length;
  const failed = report.failed + unexplained;
  return { passed: report.passed, failed: code !== 0 && failed === 0 ? 1 : failed, skips: report.skips };
}

async function runStep(step, env) {
  const absent = missing(step.needs ?? []);
  if (absent.length > 0) {
    console.error(`${step.name}: missing ${absent.join(", ")}`);
    return countsOf(1, null);
  }
  if (step.report === undefined) {
    const { code } = await capture(process.execPath, step.args, { env, echo: true });
    return countsOf(code, null);
  }
  const path = join(root, step.report);
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  const { code } = await capture(process.execPath, step.args, { env: { ...env, DUNLIN_REPORT: path }, echo: true });
  const report = readReport(path);
  if (report === null) console.error(`${step.name}: ended without a report`);
  return report === null ? countsOf(1, null) : countsOf(code, report);
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}

function reasonsText(skips) {
  const countByReason = new Map();
  for (const skip of skips) {
    const reason = skip.reason === "" ? `no reason given (${skip.name})` : skip.reason;
    countByReason.set(reason, (countByReason.get(reason) ?? 0) + 1);
  }
  return [...countByReason].map(([reason, count]) => (count === 1 ? reason : `${reason} (${count})`)).join("; ");
}
