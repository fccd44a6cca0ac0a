/**
 * Everything that the JavaScript engine can ask of the world: a clock that shows the call's time, randomness that
 * follows from the call's seed, one host function and the interrupt. Files, output, modules and time zones are
 * answered with nothing.
 */
export interface GuestWorld {
  /** A call of the host function with `argc` values whose addresses stand at `argv`; the address of the answer. */
  hostCall(argc: number, argv: number): number;
  /** Polled now and then while guest code runs; throws to stop it. */
  poll(): void;
  clockMs(): number;
  randomByte(): number;
}

const SUCCESS = 0;
const BAD_DESCRIPTOR = 8;
const NOT_SUPPORTED = 52;

export function guestImports(world: GuestWorld, memory: () => WebAssembly.Memory): WebAssembly.Imports {
  return {
    env: {
      host_call: (_name: number, _length: number, _self: number, argc: number, argv: number) =>
        world.hostCall(argc, argv),
      host_interrupt: () => {
        world.poll();
        return 0;
      },
      host_promise_rejection: () => {},
      host_module_normalize: () => 0,
      host_module_load: () => 0,
      host_get_timezone_offset: () => 0,
    },
    wasi_snapshot_preview1: {
      clock_time_get: (_clock: number, _precision: bigint, at: number) => {
        const nanoseconds = BigInt(Math.trunc(world.clockMs())) * 1_000_000n;
        new DataView(memory().buffer).setBigUint64(at, nanoseconds, true);
        return SUCCESS;
      },
      random_get: (at: number, length: number) => {
        const bytes = new Uint8Array(memory().buffer, at, length);
        for (let i = 0; i < length; i++) bytes[i] = world.randomByte();
        return SUCCESS;
      },
      fd_close: () => BAD_DESCRIPTOR,
      fd_fdstat_get: () => BAD_DESCRIPTOR,
      fd_seek: () => NOT_SUPPORTED,
      fd_write: () => BAD_DESCRIPTOR,
    },
  };
}
