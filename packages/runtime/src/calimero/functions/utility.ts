/** Randomness, time, signatures, and the network that applications do not have. */
import { utf8 } from "@dunlin/core/base";
import { isCurvePoint } from "../curve.ts";
import { act, type HostFunction, host } from "../host-function.ts";
import { HostTrap, invalidMemoryAccess } from "../trap.ts";

const PUBLIC_KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const NO_FETCH: Uint8Array = utf8("Host function 'fetch' is temporarily disabled.");
/** Work of checking a signature, as bytes moved. */
const VERIFY_BYTES = 1_000_000;

export const UTILITY_FUNCTIONS: readonly HostFunction[] = [
  host("fetch", ["buffer", "buffer", "buffer", "buffer", "number"], "i32", (call, ...args) => {
    call.give(args[4], NO_FETCH.slice());
    return 1;
  }),
  act("random_bytes", ["buffer"], (call, into) => call.memory.write(into, call.random(into.length))),
  act("time_now", ["buffer"], (call, into) => {
    if (into.length !== 8) invalidMemoryAccess();
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, call.now(), true);
    call.memory.write(into, bytes);
  }),
  host("ed25519_verify", ["buffer", "buffer", "buffer"], "i32", (call, signature, key, message) => {
    call.work(VERIFY_BYTES);
    const publicKey = call.fixed(key, PUBLIC_KEY_BYTES);
    const signed = call.fixed(signature, SIGNATURE_BYTES);
    if (!isCurvePoint(publicKey)) {
      throw new HostTrap("Ed25519IncorrectPublicKey", "incorrect ed25519 public key");
    }
    return call.crypto.verify(publicKey, call.bytes(message), signed);
  }),
];
