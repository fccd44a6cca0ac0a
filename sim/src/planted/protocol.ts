/** Nodes that say what they should not, or not what they should. */
import { type Cut, Cuts, roleRank } from "@dunlin/core/access";
import { encodeFrame, type Frame } from "@dunlin/core/sync";
import { memoCrypto } from "../memo-crypto.ts";
import { swap } from "./replicas.ts";

const WRITER = roleRank("writer");

export function trustAnySignature(): () => void {
  return swap(memoCrypto, "verify", () => ({ value: () => true }));
}

export function doubtSignatures(): () => void {
  let checked = 0;
  return swap(memoCrypto, "verify", ({ value }) => ({
    value: (...signed: Parameters<typeof memoCrypto.verify>) => ++checked % 40 !== 0 && value(...signed),
  }));
}

/** Wherever rights are looked up, a reader is a writer. */
export function letReadersWrite(): () => void {
  return swap(Cuts.prototype, "stateAt", ({ value }) => ({
    value(this: Cuts, cut: Cut) {
      const state = (value as Cuts["stateAt"]).call(this, cut);
      const rankByMember = new Map([...state.rankByMember].map(([member, rank]) => [member, Math.max(rank, WRITER)]));
      return new Proxy(state, {
        get: (target, name) => (name === "rankByMember" ? rankByMember : Reflect.get(target, name)),
      });
    },
  }));
}

export const neverPulls = (frame: Frame): Uint8Array[] => (frame.kind === "pull" ? [] : [encodeFrame(frame)]);

export const neverAnswers = (frame: Frame): Uint8Array[] =>
  frame.kind === "deltas" && frame.answer ? [] : [encodeFrame(frame)];

export const neverTellsState = (frame: Frame): Uint8Array[] => (frame.kind === "state" ? [] : [encodeFrame(frame)]);

/** A byte too many. */
export function endsBadly(frame: Frame): Uint8Array[] {
  const bytes = encodeFrame(frame);
  return [frame.kind === "have" ? Uint8Array.from([...bytes, 0]) : bytes];
}

/** Pushes the last deltas again whenever it says that it is there. */
export function repeatsItself(): (frame: Frame) => Uint8Array[] {
  let last: Uint8Array | undefined;
  return (frame) => {
    const bytes = encodeFrame(frame);
    if (frame.kind === "deltas" && frame.deltas.length > 0) last = bytes;
    return frame.kind === "digest" && last ? [bytes, last] : [bytes];
  };
}

/** Some bytes of each delta are not what was signed. */
export function spoilsDeltas(frame: Frame): Uint8Array[] {
  if (frame.kind !== "deltas") return [encodeFrame(frame)];
  const deltas = frame.deltas.map((delta, i) =>
    i > 0 ? delta : Uint8Array.from(delta, (byte, at) => (at === 60 ? byte ^ 1 : byte)),
  );
  return [encodeFrame({ ...frame, deltas })];
}
