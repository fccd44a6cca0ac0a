/** What anybody on the wire can see: whether calls can be read there, and who still sends deltas. */
import { decodeFrame } from "@dunlin/core/sync";
import type { ViolationId } from "./violation.ts";

const DELTAS_FRAME = 6;
/** Every call writes a key that begins so. */
export const CANARY = "canary-call-";

export interface WirePorts {
  readonly blame: (id: ViolationId, message: string) => void;
  readonly isTraitor: (node: number) => boolean;
}

export class Wire {
  readonly #ports: WirePorts;
  #answers = 0;
  #full = 0;

  constructor(ports: WirePorts) {
    this.#ports = ports;
  }

  /** Frames of deltas from one honest node to another, those without any too. */
  get honestAnswers(): number {
    return this.#answers;
  }

  /** Of these, those that hold some. What follows what nobody has is asked for in vain, for a while. */
  get honestDeltas(): number {
    return this.#full;
  }

  onFrame(from: number, to: number, frame: Uint8Array): void {
    const { blame, isTraitor } = this.#ports;
    if (isTraitor(from)) return;
    if (frame[0] === DELTAS_FRAME && !isTraitor(to)) this.#count(frame);
    if (Buffer.from(frame.buffer, frame.byteOffset, frame.length).includes(CANARY, 0, "latin1")) {
      blame("PLAINTEXT", `what node ${from} sends node ${to} can be read`);
    }
  }

  #count(frame: Uint8Array): void {
    this.#answers++;
    const decoded = decodeFrame(frame);
    if (decoded?.kind === "deltas" && decoded.deltas.length > 0) this.#full++;
  }
}
