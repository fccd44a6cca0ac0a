/**
 * What the tabs of one origin say to each other on a BroadcastChannel. Structured values, not bytes: the browser copies
 * them. Everybody on the channel hears everything and takes what is meant for it.
 */

export type TabMessage =
  /** "I am here": at the start, as an answer to it, and every few seconds. */
  | { readonly kind: "here"; readonly from: string; readonly answers: boolean }
  | { readonly kind: "gone"; readonly from: string }
  /** "I have done with you", to a tab that misbehaved. */
  | { readonly kind: "parted"; readonly from: string; readonly to: string }
  | { readonly kind: "frame"; readonly from: string; readonly to: string; readonly frame: Uint8Array }
  /** How many bytes of frames were handled since the last of these. */
  | { readonly kind: "taken"; readonly from: string; readonly to: string; readonly bytes: number };

/** Undefined when it is something else: another version of the page, or another user of the name. */
export function readTabMessage(data: unknown): TabMessage | undefined {
  if (!isObject(data)) return undefined;
  const { kind, from, to, answers, frame, bytes } = data;
  if (typeof from !== "string") return undefined;
  if (kind === "here" && typeof answers === "boolean") return { kind, from, answers };
  if (kind === "gone") return { kind, from };
  if (typeof to !== "string") return undefined;
  if (kind === "parted") return { kind, from, to };
  if (kind === "frame" && frame instanceof Uint8Array) return { kind, from, to, frame };
  if (kind === "taken" && typeof bytes === "number" && bytes > 0) return { kind, from, to, bytes };
  return undefined;
}

function isObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === "object" && data !== null;
}
