/** The registers of a call: how a host function hands bytes to the guest, which asks for their length first. */
import type { GuestLimits } from "./limits.ts";
import { HostTrap, invalidMemoryAccess } from "./trap.ts";

const ABSENT_LENGTH = 0xffff_ffff_ffff_ffffn;
/** What a register counts beside its bytes. */
const REGISTER_OVERHEAD_BYTES = 8;

export class Registers {
  readonly #limits: GuestLimits;
  readonly #bytesById = new Map<bigint, Uint8Array>();
  #used = 0;

  constructor(limits: GuestLimits) {
    this.#limits = limits;
  }

  /** `bytes` are the register's from then on. */
  set(id: bigint, bytes: Uint8Array): void {
    const key = BigInt.asUintN(64, id);
    const before = this.#bytesById.get(key);
    const freed = before === undefined ? 0 : before.length + REGISTER_OVERHEAD_BYTES;
    const used = this.#used - freed + bytes.length + REGISTER_OVERHEAD_BYTES;
    const { registersMax, registerBytesMax, registersBytesMax } = this.#limits;
    const isFull = before === undefined && this.#bytesById.size >= registersMax;
    if (isFull || bytes.length > registerBytesMax || used > registersBytesMax) invalidMemoryAccess();
    this.#bytesById.set(key, bytes);
    this.#used = used;
  }

  get(id: bigint): Uint8Array {
    const key = BigInt.asUintN(64, id);
    const bytes = this.#bytesById.get(key);
    if (bytes === undefined) throw new HostTrap("InvalidRegisterId", `invalid register id: ${key}`);
    return bytes;
  }

  length(id: bigint): bigint {
    const bytes = this.#bytesById.get(BigInt.asUintN(64, id));
    return bytes === undefined ? ABSENT_LENGTH : BigInt(bytes.length);
  }
}
