/**
 * Multi-value register: the values that nobody who saw them has overwritten. The container has one cell, whose entry
 * key is empty, as a register's. Lattice and layout: `multi-value.ts`.
 */
export { decode, empty, encode, isLive, join, type MultiValueCell as MultiRegisterCell } from "./multi-value.ts";
export { bytesToKey, REGISTER_KEY, writeKey } from "./register.ts";
