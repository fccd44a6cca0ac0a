/** The trace of a run as a running hash: two runs are the same exactly when their traces are. */
export class Trace {
  #low = 0x811c9dc5;
  #high = 0x9747b28c;

  number(value: number): this {
    this.#low = Math.imul(this.#low ^ (value | 0), 0x01000193);
    this.#high = Math.imul(this.#high ^ this.#low ^ Math.floor(value / 0x1_0000_0000), 0x85ebca6b);
    this.#high ^= this.#high >>> 15;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    let low = this.#low;
    for (let i = 0; i < bytes.length; i++) low = Math.imul(low ^ (bytes[i] as number), 0x01000193);
    this.#low = low;
    return this.number(bytes.length);
  }

  text(text: string): this {
    for (let i = 0; i < text.length; i++) this.number(text.charCodeAt(i));
    return this;
  }

  digest(): string {
    return hex(this.#high) + hex(this.#low);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
