/** Pools, on and off: what is costly to make, and what is not. */
import { BufferPool, ObjectPool } from "@dunlin/core/base";
import { check, checkedWork, keep, type Work } from "../measure.ts";
import { PlainRegister } from "../reference/plain-crdt.ts";

const ROUNDS = 100;
const BUFFER_BYTES = 65_536;

export function pooledBuffers(): Work {
  return checkedWork(`${ROUNDS} buffers of 64 KiB, pooled`, () => {
    const pool = new BufferPool(4 * BUFFER_BYTES);
    return {
      run: () => {
        for (let i = 0; i < ROUNDS; i++) {
          using lease = pool.acquire(BUFFER_BYTES);
          lease.value[i] = i;
          keep(lease.value);
        }
      },
      verify: () => check(pool.keptBytes === BUFFER_BYTES, "one buffer was used again and again"),
    };
  });
}

export function freshBuffers(): Work {
  let last = new Uint8Array();
  return checkedWork(`${ROUNDS} buffers of 64 KiB, new`, () => ({
    run: () => {
      for (let i = 0; i < ROUNDS; i++) {
        last = new Uint8Array(BUFFER_BYTES);
        last[i] = i;
        keep(last);
      }
    },
    verify: () => check(last.length === BUFFER_BYTES, "a buffer is left"),
  }));
}

export function pooledRegisters(): Work {
  return checkedWork(`${ROUNDS} registers, pooled`, () => {
    const pool = new ObjectPool({
      create: () => new PlainRegister("", 0, ""),
      reset: (register) => {
        register.value = "";
      },
      keptMax: 4,
    });
    return {
      run: () => {
        for (let i = 0; i < ROUNDS; i++) {
          using lease = pool.acquire();
          lease.value.value = "value";
          keep(lease.value);
        }
      },
      verify: () => check(pool.kept === 1, "one register was used again and again"),
    };
  });
}

export function freshRegisters(): Work {
  let last = new PlainRegister("", 0, "");
  return checkedWork(`${ROUNDS} registers, new`, () => ({
    run: () => {
      for (let i = 0; i < ROUNDS; i++) {
        last = new PlainRegister("value", 0, "");
        keep(last);
      }
    },
    verify: () => check(last.value === "value", "a register is left"),
  }));
}
