/**
 * A fixed work of this machine and engine, of the same kinds as what is measured: strings built, looked up and compared,
 * small objects made, numbers added. Budgets and saved runs are told relative to it.
 */
import { check, checkedWork, keep, type Work } from "./measure.ts";

const ENTRIES = 1000;

export function calibrationLoop(): Work {
  return checkedWork("calibration", () => {
    const entries = new Map<string, { value: string; stamp: number }>();
    let sum = 0;
    return {
      run: () => {
        for (let i = 0; i < ENTRIES; i++) {
          const key = `key_${i}`;
          const before = entries.get(key)?.stamp ?? 0;
          entries.set(key, { value: `value_${i}`, stamp: before + 1 });
          sum = (sum + key.length + (before % 7)) % 1_000_003;
        }
        keep(sum);
      },
      verify: () => check(entries.size === ENTRIES, `${ENTRIES} entries`),
    };
  });
}
