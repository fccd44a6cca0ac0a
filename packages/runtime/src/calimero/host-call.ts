/**
 * One call of a guest as its host functions see it: what it may read, what it has asked for, and the counts that bound
 * it. Nothing here outlives the call, and nothing takes effect before whoever made the call accepts its outcome.
 *
 * What lies on this machine alone (private storage, blobs, members, aliases) is `local`. A call that is repeated on
 * another machine has none: asking for it is a trap, alike everywhere.
 */
import { utf8ToString } from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import type { BlobReader } from "../call-blobs.ts";
import type { HostStep } from "../recording/recording.ts";
import type { GuestMemory, Slice } from "../wasm/guest-memory.ts";
import type { BlobHandles } from "./blob-handles.ts";
import type { GuestLimits } from "./limits.ts";
import type { GuestReader, Overlay } from "./overlay.ts";
import { Registers } from "./registers.ts";
import { HostStorage } from "./storage/host-storage.ts";
import { HostTrap, invalidMemoryAccess } from "./trap.ts";

export interface GuestRequest {
  readonly method: string;
  readonly input: Uint8Array;
  /** The context's id and the caller's key: 32 bytes each. */
  readonly context: Uint8Array;
  readonly executor: Uint8Array;
  /** Nanoseconds since 1970. */
  readonly timeNs: bigint;
  /** What randomness follows from: 32 bytes. */
  readonly seed: Uint8Array;
}

/** What lies on this machine alone. */
export interface LocalWorld {
  readonly privateStorage: GuestReader;
  readonly blobs: BlobReader;
  readonly members: () => readonly Uint8Array[];
  /** The key that a name stands for in this context. */
  readonly resolveAlias: (name: string) => Uint8Array | undefined;
  /** Whether a context is known here by that name. */
  readonly hasContextAlias: (name: string) => boolean;
}

export interface GuestEvent {
  readonly kind: string;
  readonly data: Uint8Array;
  readonly handler: string | undefined;
}

export interface CrossCall {
  readonly context: Uint8Array;
  readonly method: string;
  readonly params: Uint8Array;
}

/** What a call asks to be done to contexts and members, after it. */
export type ContextChange =
  | {
      readonly kind: "create";
      readonly protocol: string;
      readonly application: Uint8Array;
      readonly params: Uint8Array;
      readonly alias: string | undefined;
    }
  | { readonly kind: "delete"; readonly context: Uint8Array }
  | { readonly kind: "add-member" | "remove-member"; readonly member: Uint8Array };

export type ProposalChange =
  | { readonly kind: "propose"; readonly id: Uint8Array; readonly actions: Uint8Array }
  | { readonly kind: "approve"; readonly id: Uint8Array };

/** What a call has asked for so far. */
export interface Requests {
  returned: { readonly isError: boolean; readonly value: Uint8Array } | undefined;
  committed: { readonly root: Uint8Array; readonly artifact: Uint8Array } | undefined;
  readonly logs: string[];
  readonly events: GuestEvent[];
  readonly crossCalls: CrossCall[];
  readonly contextChanges: ContextChange[];
  readonly proposals: ProposalChange[];
}

export interface HostCallParts {
  readonly request: GuestRequest;
  readonly limits: GuestLimits;
  readonly crypto: Pick<Crypto, "sha256" | "verify">;
  readonly memory: GuestMemory;
  readonly storage: Overlay;
  readonly local:
    | { readonly world: LocalWorld; readonly privateStorage: Overlay; readonly blobs: BlobHandles }
    | undefined;
  readonly observe?: ((step: HostStep) => void) | undefined;
}

/** Work of a host function beside the bytes that it moves, in units of fuel; and bytes for one more. */
const CALL_WORK = 64;
const BYTES_PER_WORK = 16;
/** How far time goes on at each look. */
const TICK_NS = 1000n;

export class HostCall {
  readonly request: GuestRequest;
  readonly limits: GuestLimits;
  readonly crypto: Pick<Crypto, "sha256" | "verify">;
  readonly memory: GuestMemory;
  readonly storage: Overlay;
  readonly registers: Registers;
  readonly observe: HostCallParts["observe"];
  /** What was last put into a register, for who observes. */
  given: Uint8Array | undefined;
  readonly requests: Requests = {
    returned: undefined,
    committed: undefined,
    logs: [],
    events: [],
    crossCalls: [],
    contextChanges: [],
    proposals: [],
  };
  /** True once the call has looked at what lies on this machine alone. */
  usedLocal = false;
  /** What the host keeps for guests that bring no storage along. */
  readonly entities: HostStorage = new HostStorage(this);
  readonly #local: HostCallParts["local"];
  #workLeft: number;
  #writtenLeft: number;
  #timeNs: bigint;
  #randomBlock = 0;

  constructor(parts: HostCallParts) {
    this.request = parts.request;
    this.limits = parts.limits;
    this.crypto = parts.crypto;
    this.memory = parts.memory;
    this.storage = parts.storage;
    this.observe = parts.observe;
    this.registers = new Registers(parts.limits);
    this.#local = parts.local;
    this.#workLeft = Number(parts.limits.fuel);
    this.#writtenLeft = parts.limits.writtenBytesMax;
    this.#timeNs = parts.request.timeNs;
  }

  /** What lies on this machine alone; a trap when the call must come out the same elsewhere. */
  get local(): NonNullable<HostCallParts["local"]> {
    if (!this.#local) throw new HostTrap("NotRepeatable", "this part of the host is not there when a call is repeated");
    this.usedLocal = true;
    return this.#local;
  }

  /** Charges for a host function that moves so many bytes. */
  work(bytes: number): void {
    this.#workLeft -= CALL_WORK + bytes / BYTES_PER_WORK;
    if (this.#workLeft < 0) throw new HostTrap("OutOfFuel", "the call asked more of the host than it may");
  }

  /** The work that the host did for the call so far, in units of fuel. */
  get worked(): number {
    return Math.ceil(Number(this.limits.fuel) - Math.max(0, this.#workLeft));
  }

  /** Counts what a call writes to its storage. */
  written(bytes: number): void {
    this.#writtenLeft -= bytes;
    if (this.#writtenLeft < 0) throw new HostTrap("ValueLengthOverflow", "the call writes more than it may");
  }

  bytes(slice: Slice): Uint8Array {
    this.work(slice.length);
    return this.memory.read(slice);
  }

  /** Exactly so many bytes. */
  fixed(slice: Slice, length: number): Uint8Array {
    return slice.length === length ? this.bytes(slice) : invalidMemoryAccess();
  }

  text(slice: Slice): string {
    const text = utf8ToString(this.bytes(slice));
    if (text === undefined) throw new HostTrap("BadUTF8", "invalid UTF-8 string");
    return text;
  }

  give(register: bigint, bytes: Uint8Array): void {
    this.work(bytes.length);
    this.registers.set(register, bytes);
    this.given = bytes;
  }

  /** Later at each look, and the same whenever the call is repeated. */
  now(): bigint {
    const now = this.#timeNs;
    this.#timeNs += TICK_NS;
    return now;
  }

  /** Follows from the request's seed alone. */
  random(length: number): Uint8Array {
    this.work(length * 4);
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const block = new Uint8Array(36);
      block.set(this.request.seed);
      new DataView(block.buffer).setUint32(32, this.#randomBlock++);
      out.set(this.crypto.sha256(block).subarray(0, length - at), at);
    }
    return out;
  }
}
