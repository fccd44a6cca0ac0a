import { describe, expect, it } from "vitest";
import { empty } from "./record-cell.ts";
import { RecordSlots } from "./record-slots.ts";

const SLOTS = 100;

function filled(): RecordSlots {
  const slots = new RecordSlots();
  for (let slot = 0; slot < SLOTS; slot++) slots.take(slot, empty, slot);
  return slots;
}

/** What the hand finds due in one round. */
function round(slots: RecordSlots): number[] {
  const due: number[] = [];
  for (;;) {
    const swept = slots.sweep();
    for (let bit = 0; bit < 32; bit++) if ((swept.due & (1 << bit)) !== 0) due.push(swept.first + bit);
    if (swept.isRound) return due;
  }
}

describe("records in slots", () => {
  it("are due once a whole round has passed in which nobody used them", () => {
    const slots = filled();
    expect(round(slots)).toEqual([]);
    for (const slot of [0, 31, 32, 99]) slots.use(slot);
    const rest = Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => ![0, 31, 32, 99].includes(slot));
    expect(round(slots)).toEqual(rest);
    expect(round(slots)).toHaveLength(SLOTS);
  });

  it("are never due while they are changed, written in, pinned or empty", () => {
    const slots = filled();
    round(slots);
    slots.setDirty(3, true);
    slots.setDrafted(4, true);
    slots.pin(5);
    slots.pin(5);
    slots.put(6, undefined);
    expect([slots.evictable, slots.held]).toEqual([SLOTS - 4, 3]);
    expect(round(slots).filter((slot) => slot < 8)).toEqual([0, 1, 2, 7]);
    slots.unpin(5);
    expect(slots.evictable).toBe(SLOTS - 4);
    slots.unpin(5);
    slots.setDrafted(4, false);
    slots.setDirty(3, false);
    slots.put(6, empty);
    expect([slots.evictable, slots.held]).toEqual([SLOTS, 0]);
    expect(round(slots).filter((slot) => slot < 8)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("can be let go and taken again, with nothing left of what was there", () => {
    const slots = filled();
    slots.free(40);
    expect([slots.evictable, slots.cellAt(40)]).toEqual([SLOTS - 1, undefined]);
    slots.take(40, empty, 7);
    expect([slots.evictable, slots.bytesAt(40), slots.isDirty(40), slots.isDrafted(40)]).toEqual([
      SLOTS,
      7,
      false,
      false,
    ]);
    expect(() => {
      slots.setDirty(40, true);
      slots.free(40);
    }).toThrow();
  });
});
