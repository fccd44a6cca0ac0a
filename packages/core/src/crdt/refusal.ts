/**
 * A local write that the limits or the types of the state do not allow. Thrown, so that an application which ignores
 * it loses its transaction and not silently its write; whoever runs the transaction rolls it back and reports `code`.
 */
export type WriteRefusalCode =
  /** The value is of no type that the state can hold: undefined, NaN, a function, a lone surrogate, a class instance. */
  | "VALUE_INVALID"
  /** The value exceeds a limit on bytes, items or depth. */
  | "VALUE_TOO_LARGE"
  /** The key of a map entry or the name of a field is malformed text. */
  | "KEY_INVALID"
  /** The key of a map entry, the name of a field or the element of a set is too long. */
  | "KEY_TOO_LONG"
  /** The amount is no safe integer, or the counter would leave its range. */
  | "COUNTER_OUT_OF_RANGE"
  /** A counter that only grows was asked to subtract. */
  | "COUNTER_ONLY_GROWS"
  /** The position or count lies outside the text. */
  | "TEXT_OUT_OF_RANGE"
  /** A document with this id is there already. */
  | "RECORD_EXISTS"
  /** No document with this id is there. */
  | "RECORD_MISSING"
  /** The node is not in the tree. */
  | "NODE_MISSING"
  /** A node of this id is in the tree already, or in its trash. */
  | "NODE_EXISTS"
  /** The node would come to be below itself. */
  | "NODE_CYCLE"
  /** The index lies outside the children of the parent. */
  | "TREE_OUT_OF_RANGE"
  /** Too many nodes were put between two neighbours, each between the two before. */
  | "TREE_PLACE_FULL"
  /** The index or count lies outside the list. */
  | "LIST_OUT_OF_RANGE"
  /** The transaction changes more cells or bytes than one delta may carry. */
  | "TRANSACTION_TOO_LARGE";

export class WriteRefused extends Error {
  override readonly name = "WriteRefused";
  readonly code: WriteRefusalCode;
  constructor(code: WriteRefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
