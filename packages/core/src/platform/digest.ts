/** Hashing by a thread of the platform's own, as browsers and Node have it. */

interface Platform {
  readonly crypto: { readonly subtle: { digest(algorithm: "SHA-256", bytes: Uint8Array): Promise<ArrayBuffer> } };
}

const platform = globalThis as unknown as Platform;

/** SHA-256 beside this thread: worth its way there and back from some tens of kilobytes on. Takes its own copy. */
export async function systemDigest(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await platform.crypto.subtle.digest("SHA-256", bytes));
}
