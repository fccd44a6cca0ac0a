import ts from "typescript";
import { describe, expect, it } from "vitest";
import { errorUnions, limitRows } from "./docs.mjs";

const tree = (text: string): ts.SourceFile => ts.createSourceFile("x.ts", text, ts.ScriptTarget.ES2023, true);

describe("errorUnions", () => {
  it("reads each member of an exported union of codes with its comment", () => {
    const text = `
/** Why a frame is refused. */
export type FrameFailureCode =
  /** Longer than the
   * limit. */
  | "FRAME_TOO_LONG"
  | "FRAME_SILENT";
type HiddenErrorCode = "NO";
export type Other = "NO";
export type LanguageCode = "en" | "de";
`;
    expect(errorUnions(tree(text))).toEqual([
      {
        name: "FrameFailureCode",
        text: "Why a frame is refused.",
        rows: [
          { code: "FRAME_TOO_LONG", text: "Longer than the limit." },
          { code: "FRAME_SILENT", text: "" },
        ],
      },
    ]);
  });
});

describe("limitRows", () => {
  it("reads constants, and the properties of an object of them", () => {
    const text = `
/** The file. */
/** Enough for a day. */
export const QUEUE_MAX: number = 24 * 60;
export const QUEUE_BYTES_MAX = 9;

export const ALONE_MAX = 1;
export const LIMITS = {
  /** One frame. */
  frameBytes: 1 << 20,
} as const;
const hidden = 1;
`;
    expect(limitRows(tree(text))).toEqual([
      { name: "QUEUE_MAX", value: "24 * 60", text: "Enough for a day." },
      { name: "QUEUE_BYTES_MAX", value: "9", text: "Enough for a day." },
      { name: "ALONE_MAX", value: "1", text: "" },
      { name: "LIMITS.frameBytes", value: "1 << 20", text: "One frame." },
    ]);
  });
});
