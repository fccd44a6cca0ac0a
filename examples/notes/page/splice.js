/** What changed between two texts, as one splice `[position, deleteCount, inserted]` in UTF-16 units. */

/** Undefined when the texts are equal. Never cuts a surrogate pair in two. */
export function spliceBetween(before, after) {
  if (before === after) return undefined;
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before[start] === after[start]) start++;
  if (start > 0 && isHigh(before, start - 1)) start--;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  if (end > 0 && isLow(before, before.length - end)) end--;
  return [start, before.length - start - end, after.slice(start, after.length - end)];
}

export function applySplice(text, [position, deleteCount, inserted]) {
  return text.slice(0, position) + inserted + text.slice(position + deleteCount);
}

/** Where a position of the text before a splice is in the text after it. */
export function movePosition(position, [start, deleteCount, inserted]) {
  if (position <= start) return position;
  if (position >= start + deleteCount) return position + inserted.length - deleteCount;
  return start + inserted.length;
}

/**
 * A splice made on the same text as `other`, as it reads after `other`. What both deleted is deleted once; of two
 * insertions at one place, ours comes second.
 */
export function rebaseSplice([position, deleteCount, inserted], other) {
  const [start, otherDeletes, otherInserted] = other;
  const end = position + deleteCount;
  if (end < start) return [position, deleteCount, inserted];
  if (position >= start + otherDeletes) return [position + otherInserted.length - otherDeletes, deleteCount, inserted];
  // They touch: what is left of ours before the other's insertion goes, ours is inserted after it.
  const before = Math.max(0, start - position);
  const after = Math.max(0, end - (start + otherDeletes));
  if (after === 0 && before > 0) return [position, before, inserted];
  return [start + otherInserted.length, after, inserted];
}

function isHigh(text, at) {
  const unit = text.charCodeAt(at);
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLow(text, at) {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit < 0xe000;
}
