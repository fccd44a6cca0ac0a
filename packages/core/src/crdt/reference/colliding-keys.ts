/** Distinct keys of one FNV-1a state: each half of two blocks that meet can be swapped. */
export function collidingKeys(count: number): string[] {
  const meeting = new Map<number, string>();
  const pairs: [string, string][] = [];
  let state = 0x811c9dc5 | 0;
  while (2 ** pairs.length < count) {
    meeting.clear();
    for (let i = 0; ; i++) {
      const block = String.fromCharCode(i & 0x3fff, (i >> 14) + 0x100, (i * 31) & 0x7fff);
      const after = hashFrom(state, block);
      const other = meeting.get(after);
      meeting.set(after, block);
      if (other === undefined) continue;
      pairs.push([other, block]);
      state = after;
      break;
    }
  }
  return Array.from({ length: count }, (_, i) => pairs.map((pair, bit) => pair[(i >> bit) & 1]).join(""));
}

function hashFrom(state: number, text: string): number {
  let hash = state;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
