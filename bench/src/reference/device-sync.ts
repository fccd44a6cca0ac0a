/** What the device itself takes: a 512-byte write and its fdatasync, one after another, in this process. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

const BLOCK_BYTES = 512;

export interface DeviceSync {
  readonly perSecond: number;
  readonly p50Ms: number;
}

export function measureDeviceSync(folder: string, durationMs: number): DeviceSync {
  const path = join(folder, "device-sync");
  const file = openSync(path, "w");
  const block = new Uint8Array(BLOCK_BYTES).fill(1);
  const latenciesMs: number[] = [];
  const end = performance.now() + durationMs;
  while (performance.now() < end) {
    const started = performance.now();
    writeSync(file, block, 0, BLOCK_BYTES, (latenciesMs.length % 1024) * BLOCK_BYTES);
    fdatasyncSync(file);
    latenciesMs.push(performance.now() - started);
  }
  closeSync(file);
  rmSync(path);
  const sorted = latenciesMs.sort((a, b) => a - b);
  return { perSecond: (sorted.length * 1000) / durationMs, p50Ms: sorted[sorted.length >> 1] ?? Number.NaN };
}
