/** `dunlin doctor`: what is wrong with a home on which no node runs, and what to do about it. */
import { EXIT } from "@dunlin/api";
import type { Finding } from "@dunlin/node/upkeep";
import type { Command, Outcome } from "../command.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { readConfig } from "../home.ts";

export const doctor: Command = {
  name: "doctor",
  args: [],
  summary: "look through the home of a stopped node: every row, signature, root and blob; says what is wrong",
  options: {
    forget: {
      type: "string",
      value: "CONTEXT",
      help: "remove a context from the home, so that it can be joined again",
    },
  },
  async run({ home, option, ports, json }) {
    const { examineHome, forgetContext } = await import("@dunlin/node/upkeep");
    const forgotten = option("forget");
    if (forgotten !== undefined) {
      const { rows } = unwrap(await forgetContext(home, forgotten));
      return { json: { forgotten, rows }, lines: [`forgotten: ${rows} rows of ${forgotten}`] };
    }
    const onContext = ({ at, of }: { readonly at: number; readonly of: number }): void => {
      if (!json) ports.err(`context ${at + 1} of ${of}`);
    };
    const report = unwrap(await examineHome({ home, nowMs: ports.clock.now(), onContext }));
    const findings = [...(await examineConfig(home)), ...report.findings];
    return told({ ...report, findings });
  },
};

/** The settings are the command's own. */
async function examineConfig(home: string): Promise<Finding[]> {
  try {
    await readConfig(home);
    return [];
  } catch (thrown) {
    if (!(thrown instanceof CommandFailure)) throw thrown;
    const { code, message } = thrown;
    return [{ severity: "error", code, where: "config.json", message, advice: "correct it: no node starts with it" }];
  }
}

function told(report: {
  readonly rows: number;
  readonly contexts: readonly string[];
  readonly findings: readonly Finding[];
}): Outcome {
  const { rows, contexts, findings } = report;
  const errors = findings.filter(({ severity }) => severity === "error").length;
  const outcome = {
    json: { ok: errors === 0, ...report },
    lines: [
      ...findings.flatMap(({ severity, code, where, message, advice }) => [
        `${severity}  ${code}  ${where}`,
        `  ${message}`,
        `  ${advice}`,
      ]),
      `${rows} rows, ${contexts.length} contexts, ${errors} errors, ${findings.length - errors} warnings`,
    ],
  };
  return errors === 0 ? outcome : { ...outcome, exit: EXIT.store };
}
