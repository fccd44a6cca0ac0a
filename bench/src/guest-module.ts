/**
 * A small WebAssembly application: `set` keeps its arguments under themselves and commits them as its root and artifact,
 * `spin` never ends. Text form: input, read_register, storage_write and commit of the Calimero ABI, in this order.
 */
export const GUEST_MODULE: Uint8Array = new Uint8Array(
  Buffer.from(
    "AGFzbQEAAAABHwZgAX4AYAF+AX5gAn5+AX9gA35+fgF/YAJ+fgBgAAACVQUDZW52BWlucHV0AAADZW52DHJlZ2lzdGVyX2xlbgABA2Vudg1yZWFkX3JlZ2lzdGVyAAIDZW52DXN0b3JhZ2Vfd3JpdGUAAwNlbnYGY29tbWl0AAQDBAMFBQUFAwEAAgcuBAZtZW1vcnkCAANzZXQABRRfX2NhbGltZXJvX3N5bmNfbmV4dAAGBHNwaW4ABwpXAyYAQgEQAEEoQgEQATcDAEIBQiAQAhpCIEIgQgIQAxpCwABCIBAECyYAQgEQAEEoQgEQATcDAEIBQiAQAhpCIEIgQgIQAxpCwABCIBAECwcAA0AMAAsLCxcCAEEgCwIABABBwAALCQAEAAAAAAAAIA==",
    "base64",
  ),
);
