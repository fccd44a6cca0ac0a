/**
 * Element of a remove-wins set, keyed by its canonical bytes as the element of any set. Lattice and layout:
 * `remove-wins.ts`.
 */
export { decode, empty, encode, isLive, join, type RemoveWinsCell as RemoveWinsElementCell } from "./remove-wins.ts";
export { bytesToKey, elementToKey, keyToElement, writeKey } from "./set-element.ts";
