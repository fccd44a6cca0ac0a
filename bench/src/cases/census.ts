/** What the heap holds, counted in a snapshot of it: objects and arrays, and strings apart from them. */
import { getHeapSnapshot } from "node:v8";

export interface Census {
  /** Objects, arrays, closures and boxed numbers: what a program has allocated, but for strings. */
  readonly objects: number;
  readonly strings: number;
  readonly stringBytes: number;
}

/** The parts of a snapshot that are looked at: nodes are runs of numbers, with a column for each of these. */
interface Snapshot {
  readonly snapshot: { readonly meta: { readonly node_fields: string[]; readonly node_types: [string[]] } };
  readonly nodes: readonly number[];
}

const STRINGS = ["string", "concatenated string", "sliced string"];
const OBJECTS = ["object", "array", "closure", "number", "bigint", "symbol", "regexp"];

export async function census(): Promise<Census> {
  let text = "";
  for await (const chunk of getHeapSnapshot()) text += String(chunk);
  const { snapshot, nodes } = JSON.parse(text) as Snapshot;
  const { node_fields: fields, node_types: types } = snapshot.meta;
  const [typeAt, sizeAt] = [fields.indexOf("type"), fields.indexOf("self_size")];
  let [objects, strings, stringBytes] = [0, 0, 0];
  for (let at = 0; at < nodes.length; at += fields.length) {
    const type = types[0][nodes[at + typeAt] as number] as string;
    if (OBJECTS.includes(type)) objects++;
    if (!STRINGS.includes(type)) continue;
    strings++;
    stringBytes += nodes[at + sizeAt] as number;
  }
  return { objects, strings, stringBytes };
}
