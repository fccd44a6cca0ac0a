/** What was saved takes: bytes, or pages of bytes. */
export function sizeOf(saved) {
  return Array.isArray(saved) ? saved.reduce((total, { length }) => total + length, 0) : saved.length;
}
