/**
 * The memory of a guest that is ready for a call, and how to get back to it.
 *
 * ```
 * 0            live               free                         end
 * | C stack    | data, heap       | kept free | (zero)  | tail |
 * ```
 *
 * At rest the stack is dead, and so is the free top of the heap: what a call leaves there is never read again, as the
 * engine clears what it allocates. The part between them is copied back as a whole, pages of zeros included, since a
 * page may hold a live array of zeros. The tail is where the allocator marks the end of its memory: a call changes it
 * only by growing the memory, and a grown instance is replaced.
 */
import { assert } from "@dunlin/core/base";
import type { QuickjsExports } from "./exports.ts";

const PAGE_BYTES = 65_536;
const TAIL_BYTES = 4096;
/** What the allocator keeps before a block. */
const BLOCK_HEADER_BYTES = 16;

export interface Image {
  readonly liveFrom: number;
  readonly live: Uint8Array;
  readonly tail: Uint8Array;
  readonly memoryBytes: number;
  readonly stackPointer: number;
  readonly runtime: number;
  readonly context: number;
}

/** Takes the image of a guest at rest, whose allocator first gets `headroomBytes` of free memory. */
export function takeImage(exports: QuickjsExports, headroomBytes: number): Image {
  const block = exports.wasm_malloc(headroomBytes);
  assert(block !== 0, "the guest has no room for its headroom");
  exports.wasm_free(block);
  const stackPointer = exports.__stack_pointer.value as number;
  const memory = new Uint8Array(exports.memory.buffer);
  assert(memory.length - block >= headroomBytes, "the headroom is not at the top of the heap");
  return {
    liveFrom: stackPointer,
    live: memory.slice(stackPointer, block + BLOCK_HEADER_BYTES),
    tail: memory.slice(memory.length - TAIL_BYTES),
    memoryBytes: memory.length,
    stackPointer,
    runtime: exports.qjs_get_runtime_ptr(),
    context: exports.qjs_get_context_ptr(),
  };
}

/** Puts a guest of this image, whose memory has not grown, back to it. */
export function resetToImage(exports: QuickjsExports, memory: Uint8Array, image: Image): void {
  memory.set(image.live, image.liveFrom);
  exports.__stack_pointer.value = image.stackPointer;
}

/** Makes a fresh instance the guest of an image. */
export function loadImage(exports: QuickjsExports, image: Image): void {
  const missing = image.memoryBytes - exports.memory.buffer.byteLength;
  assert(missing >= 0, "an image has at least the memory of a fresh instance");
  exports.memory.grow(missing / PAGE_BYTES);
  const memory = new Uint8Array(exports.memory.buffer);
  resetToImage(exports, memory, image);
  memory.set(image.tail, memory.length - image.tail.length);
  exports.qjs_set_runtime_and_context(image.runtime, image.context);
}
