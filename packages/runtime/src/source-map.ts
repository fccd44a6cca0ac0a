/**
 * From positions in a bundle to positions in the author's files, by a source map (ECMA-426). The mappings are decoded
 * at the first look-up. A map that is malformed maps nothing: it only ever serves to word an error.
 */
export interface SourcePosition {
  readonly file: string;
  /** Both count from 1. */
  readonly line: number;
  readonly column: number;
}

export interface SourceMap {
  /** Where a position of the bundle comes from; line and column count from 1. */
  locate(line: number, column: number): SourcePosition | undefined;
}

/** Of each mapped position, in order: its column, then source, line and column of the origin, all from 0. */
type Segment = readonly [column: number, source: number, line: number, originColumn: number];

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

export function createSourceMap(text: string): SourceMap {
  let decoded: { readonly sources: readonly string[]; readonly lines: readonly (readonly Segment[])[] } | undefined;
  return {
    locate: (line, column) => {
      decoded ??= decode(text);
      const segments = decoded.lines[line - 1] ?? [];
      let best: Segment | undefined;
      for (const segment of segments) if (segment[0] <= column - 1) best = segment;
      const found = best ?? segments[0];
      const file = found === undefined ? undefined : decoded.sources[found[1]];
      return found === undefined || file === undefined ? undefined : { file, line: found[2] + 1, column: found[3] + 1 };
    },
  };
}

function decode(text: string): { sources: readonly string[]; lines: readonly (readonly Segment[])[] } {
  let map: unknown;
  try {
    map = JSON.parse(text);
  } catch {
    return { sources: [], lines: [] };
  }
  const { sources, mappings } = (map ?? {}) as { sources?: unknown; mappings?: unknown };
  if (!Array.isArray(sources) || typeof mappings !== "string") return { sources: [], lines: [] };
  return { sources: sources.map(String), lines: decodeMappings(mappings) };
}

function decodeMappings(mappings: string): Segment[][] {
  let [source, line, originColumn] = [0, 0, 0];
  return mappings.split(";").map((group) => {
    const segments: Segment[] = [];
    let column = 0;
    for (const field of group === "" ? [] : group.split(",")) {
      const numbers = decodeVlq(field);
      column += numbers[0] ?? 0;
      if (numbers.length < 4) continue;
      source += numbers[1] ?? 0;
      line += numbers[2] ?? 0;
      originColumn += numbers[3] ?? 0;
      segments.push([column, source, line, originColumn]);
    }
    return segments;
  });
}

/** Base64 digits of five bits each, least first; the lowest bit of a number is its sign. */
function decodeVlq(field: string): number[] {
  const numbers: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of field) {
    const digit = DIGITS.indexOf(character);
    value += (digit & 31) * 2 ** shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    numbers.push(value % 2 === 1 ? -(value - 1) / 2 : value / 2);
    value = 0;
    shift = 0;
  }
  return numbers;
}
