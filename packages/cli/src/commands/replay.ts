/** `dunlin app verify` and `dunlin app replay`: recorded calls of a home, run again. */
import { EXIT } from "@dunlin/api";
import type { ReplayedCall } from "@dunlin/node/upkeep";
import type { Command } from "../command.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { readConfig } from "../home.ts";

export const appVerify: Command = {
  name: "app verify",
  args: ["[APPLICATION]"],
  summary: "run every recorded call of the home twice again; names the first that goes another way than it did",
  options: {},
  async run({ home, args }) {
    const { verifyCalls } = await import("@dunlin/node/upkeep");
    const verified = unwrap(await verifyCalls(home, { application: args[0] }));
    const { same, passedOver, different } = verified;
    if (different) return { json: verified, lines: differenceLines(different), exit: EXIT.failed };
    const skipped = Object.entries(passedOver).map(([code, count]) => `${count} passed over: ${code}`);
    const isEmpty = same === 0 && skipped.length === 0;
    return { json: verified, lines: isEmpty ? [await whyNone(home)] : [`${same} calls came to the same`, ...skipped] };
  },
};

export const appReplay: Command = {
  name: "app replay",
  args: ["[CALL]"],
  summary: "run one recorded call again, by its number; without one, list the calls that are recorded",
  options: { step: { type: "boolean", help: "print each call of the host with its arguments and what it gave" } },
  async run({ home, args, flag }) {
    const { recordedCalls, replayCall } = await import("@dunlin/node/upkeep");
    const [wanted] = args;
    if (wanted === undefined) {
      const calls = recordedCalls(home);
      const lines = calls.map(({ call, atMs, contextId, method, code, hostCalls }) =>
        [call, new Date(atMs).toISOString(), contextId, method, code, `${hostCalls} host calls`].join("  "),
      );
      return { json: calls, lines: lines.length > 0 ? lines : [await whyNone(home)] };
    }
    if (!/^\d{1,15}$/.test(wanted)) throw new CommandFailure("USAGE", "CALL is the number of a recorded call");
    const replayed = unwrap(await replayCall(home, Number(wanted)));
    const { call, method, code, steps, difference } = replayed;
    const shown = flag("step") ? steps.map((step, index) => `${index + 1}  ${stepLine(step)}`) : [];
    if (difference) {
      return { json: replayed, lines: [...shown, ...differenceLines(replayed)], exit: EXIT.failed };
    }
    const ending = `call ${call}, ${method}, came to ${code} again, with ${steps.length} host calls`;
    return { json: replayed, lines: [...shown, ending] };
  },
};

function stepLine({ name, args, answer }: ReplayedCall["steps"][number]): string {
  const { kind, value, code, message } = answer;
  const given = value === undefined ? "nothing" : JSON.stringify(value);
  return `${name}(${args.join(", ")}) = ${kind === "value" ? given : `${kind} ${code}: ${message}`}`;
}

function differenceLines({ call, method, difference }: Omit<ReplayedCall, "steps">): readonly string[] {
  if (!difference) return [];
  const { step, expected, seen } = difference;
  return [
    `call ${call}, ${method}, goes another way at host call ${step}`,
    `  expected  ${expected}`,
    `  seen      ${seen}`,
  ];
}

async function whyNone(home: string): Promise<string> {
  const { recording } = (await readConfig(home)).node;
  const isOn = recording !== undefined && recording.bytesMax > 0;
  return isOn
    ? "no call is recorded yet"
    : 'no call is recorded: set "recording": { "bytesMax": 67108864 } in config.json';
}
