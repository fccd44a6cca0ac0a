import { expect, it } from "vitest";
import type { DeltaId } from "../base/index.ts";
import type { DeltasFrame } from "./frames.ts";
import { answerPull } from "./pages.ts";

it("answers with what was named and then with what lies beyond the vector", () => {
  const [named, first, second] = [1, 2, 3].map((byte) => new Uint8Array([byte])) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const beyond = [first, second];
  const answers: Omit<DeltasFrame, "channel">[] = [];
  answerPull(
    {
      byKey: () => ({ deltas: [named], more: false, isPruned: false }),
      missingFrom: (upTo) => ({ deltas: beyond.splice(0, 1), more: beyond.length > 0, isPruned: false, upTo }),
    },
    { kind: "pull", channel: 0, wanted: [new Uint8Array(32) as DeltaId], vector: new Map(), pages: 4 },
    (answer) => {
      if (answer.kind === "deltas") answers.push(answer);
      return "queued";
    },
  );
  expect(answers.map(({ deltas, last }) => ({ deltas, last }))).toEqual([
    { deltas: [named], last: false },
    { deltas: [first], last: false },
    { deltas: [second], last: true },
  ]);
});
