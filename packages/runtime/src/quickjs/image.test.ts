import { describe, expect, it } from "vitest";
import { GUEST_HEADROOM_BYTES } from "../limits.ts";
import type { GuestWorld } from "./imports.ts";
import { Machine } from "./machine.ts";
import { quickjsModule } from "./module.ts";

const WORLD: GuestWorld = { hostCall: () => 0, poll: () => {}, clockMs: () => 0, randomByte: () => 0 };

describe("an image", () => {
  it("copies back less than half a megabyte for a small guest, and leaves it the headroom", async () => {
    const machine = Machine.create(await quickjsModule(), WORLD);
    const image = machine.takeImage();
    expect(image.live.length).toBeLessThan(512 * 1024);
    expect(image.memoryBytes - image.liveFrom - image.live.length).toBeGreaterThanOrEqual(GUEST_HEADROOM_BYTES - 16);
  });

  it("gives a reset guest and a fresh instance the same state, also after the memory grew", async () => {
    const module = await quickjsModule();
    const machine = Machine.create(module, WORLD);
    machine.evaluate("var count = 1; var kept = [];", "setup.js");
    const image = machine.takeImage();
    const script = "kept.push(new Uint8Array(4 << 20)); count += 1; [count, kept.length].join()";
    const run = (guest: Machine) => guest.readString(guest.evaluate(script, "call.js"), 100);
    expect(run(machine)).toBe("2,1");
    expect(machine.memoryBytes).toBeGreaterThan(image.memoryBytes);
    for (let i = 0; i < 2; i++) {
      const fresh = Machine.fromImage(module, WORLD, image, machine.scratch);
      expect(fresh.memoryBytes).toBe(image.memoryBytes);
      expect(run(fresh)).toBe("2,1");
    }
    const small = Machine.fromImage(module, WORLD, image, machine.scratch);
    for (let i = 0; i < 3; i++) {
      expect(small.readString(small.evaluate("count += 1; String(count)", "call.js"), 100)).toBe("2");
      small.reset(image);
    }
  });
});
