/** One stretch of a text that another took the place of. */
export interface Splice {
  readonly at: number;
  readonly remove: number;
  readonly insert: string;
}

/** What made one text of the other. Of the ways that there are it takes the one that ends at the caret. */
export function spliceOf(before: string, after: string, caret: number): Splice {
  const suffixMax = Math.min(before.length, after.length, after.length - caret);
  let suffix = 0;
  while (suffix < suffixMax && before.at(-1 - suffix) === after.at(-1 - suffix)) suffix++;
  const prefixMax = Math.min(before.length, after.length) - suffix;
  let prefix = 0;
  while (prefix < prefixMax && before[prefix] === after[prefix]) prefix++;
  return { at: prefix, remove: before.length - suffix - prefix, insert: after.slice(prefix, after.length - suffix) };
}

/** Where a place in the old text is in the new one; in what was removed, it is behind what was inserted. */
export function carry(index: number, { at, remove, insert }: Splice): number {
  if (index <= at) return index;
  return Math.max(index - remove, at) + insert.length;
}
