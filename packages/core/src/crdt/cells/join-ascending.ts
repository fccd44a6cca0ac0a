/**
 * The join of two lists that ascend by a key: entries of both sides, those of one key joined. A semilattice when the
 * entries are; cells by actor, elements of sets and fields of records all join so.
 */

/** `a` itself when `b` adds nothing, provided that `joinEntries` keeps to the same. Neither list has a key twice. */
export function joinAscending<E>(
  a: readonly E[],
  b: readonly E[],
  compare: (a: E, b: E) => number,
  joinEntries: (a: E, b: E) => E,
): readonly E[] {
  const joined: E[] = [];
  let changed = false;
  let i = 0;
  for (const theirs of b) {
    let ours = a[i];
    let order = ours === undefined ? 1 : compare(ours, theirs);
    while (ours !== undefined && order < 0) {
      joined.push(ours);
      ours = a[++i];
      order = ours === undefined ? 1 : compare(ours, theirs);
    }
    if (ours === undefined || order > 0) {
      joined.push(theirs);
      changed = true;
      continue;
    }
    const entry = joinEntries(ours, theirs);
    joined.push(entry);
    changed ||= entry !== ours;
    i++;
  }
  if (!changed) return a;
  for (; i < a.length; i++) joined.push(a[i] as E);
  // An array that grew has room for sixteen more, and most of these are short.
  return joined.slice();
}
