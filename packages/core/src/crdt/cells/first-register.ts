/**
 * First-writer register: one value, which nobody replaces who has seen it. The container has one cell, whose entry key
 * is empty, as a register's. Lattice and layout: `first-writer.ts`.
 */
export { decode, empty, encode, type FirstWriterCell as FirstRegisterCell, isLive, join } from "./first-writer.ts";
export { bytesToKey, REGISTER_KEY, writeKey } from "./register.ts";
