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
 * only by growing the memory, and a grown instance is replaced. When the free part is not surely the top, because an
 * application left a hole in its heap, all of the memory counts as live.
 */
import { assert } from "@dunlin/core/base";
import type { QuickjsExports } from "./exports.ts";

const PAGE_BYTES = 65_536;
const TAIL_BYTES = 4096;
/** More than the allocator ever has left over at the end of memory, since it asks for whole pages. */
const PROBE_BYTES = 4 * PAGE_BYTES;
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
  const free = findTop(exports, headroomBytes);
  const stackPointer = exports.__stack_pointer.value as number;
  const memory = new Uint8Array(exports.memory.buffer);
  return {
    liveFrom: stackPointer,
    live: memory.slice(stackPointer, free ?? memory.length),
    tail: memory.slice(memory.length - TAIL_BYTES),
    memoryBytes: memory.length,
    stackPointer,
    runtime: exports.qjs_get_runtime_ptr(),
    context: exports.qjs_get_context_ptr(),
  };
}

/**
 * Where the free top of the heap starts, after it has grown by `headroomBytes`; undefined when that is not certain. A
 * block may come to lie in a hole. It is at the top when the next block follows on it and runs over what was the end
 * of memory: then nothing can lie in between.
 */
function findTop(exports: QuickjsExports, headroomBytes: number): number | undefined {
  const block = exports.wasm_malloc(headroomBytes);
  const end = exports.memory.buffer.byteLength;
  const probe = exports.wasm_malloc(PROBE_BYTES);
  assert(block !== 0 && probe !== 0, "the guest has no room for its headroom");
  exports.wasm_free(probe);
  exports.wasm_free(block);
  const follows = probe > block && probe - block <= headroomBytes + 2 * BLOCK_HEADER_BYTES;
  return follows && probe + PROBE_BYTES > end ? block + BLOCK_HEADER_BYTES : undefined;
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
