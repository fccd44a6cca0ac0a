/**
 * How a sequence of text plugs into a document. The document stores blocks by (container, actor, block number), carries
 * joins inside deltas and knows nothing of either's inside. Positions and lengths are UTF-16 units.
 *
 * A text has no cheap undo: on rollback the document drops it and loads it again from the source, with the blocks that
 * earlier transactions changed and the source does not have yet laid over it.
 */
import type { Result, Writer } from "../base/index.ts";

export interface TextBlock {
  readonly actor: Uint8Array;
  readonly block: number;
  readonly bytes: Uint8Array;
}

export interface TextSequence {
  readonly length: number;
  toString(): string;
  slice(from: number, to: number): string;
  /** Both record what they do for the next `takeJoin`. */
  insert(actor: Uint8Array, position: number, text: string): void;
  delete(actor: Uint8Array, position: number, count: number): void;
  /** The canonical join of the local operations since the last take; undefined when there are none. */
  takeJoin(): Uint8Array | undefined;
  /** The same, appended to what a writer holds; false when there are none. Many joins then cost no object each. */
  writeJoin(into: Writer): boolean;
  /** Decodes wholly before any effect. Reports how many operations were void. */
  apply(join: Uint8Array, actor: Uint8Array): Result<{ readonly void: number }>;
  /** The blocks that changed since the last take, encoded again. */
  takeDirty(): Iterable<TextBlock>;
}

export interface TextPlugin {
  load(blocks: Iterable<TextBlock>): Result<TextSequence>;
  /** Whether `apply` would accept the join. */
  checkJoin(join: Uint8Array): boolean;
}
