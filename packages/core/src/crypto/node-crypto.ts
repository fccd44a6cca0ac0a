/**
 * `Crypto` by Node's OpenSSL, ten times as fast as noble. Obtained through `process.getBuiltinModule`, so that core
 * imports nothing of Node and a bundler for browsers finds nothing to resolve.
 */
import { assert, idKey, publicKey, type Signer } from "../base/index.ts";
import { agreeAsIdentity } from "./agreement.ts";
import { AEAD_TAG_BYTES, type Crypto, SEED_BYTES, SHA256_BYTES, type Sha256 } from "./crypto.ts";
import { isStrictForm } from "./ed25519-rules.ts";
import { IMPORTED_KEYS_MAX } from "./limits.ts";

/** ASN.1 before a raw Ed25519 seed (PKCS #8) and before a raw public key (SPKI), RFC 8410. */
const PKCS8_PREFIX = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20);
const SPKI_PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0);
const CIPHER = "aes-256-gcm";

/** Undefined outside Node. */
export function openNodeCrypto(): Crypto | undefined {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const node = host.process?.getBuiltinModule?.("node:crypto") as NodeCrypto | undefined;
  return typeof node?.hash === "function" ? createNodeCrypto(node) : undefined;
}

function createNodeCrypto(node: NodeCrypto): Crypto {
  const importPublic = createImporter(node);
  const createSigner = (secretKey: Uint8Array): Signer => {
    const seed = secretKey.slice();
    const secret = importSecret(node, seed);
    const spki = node.createPublicKey(secret).export({ format: "der", type: "spki" });
    return {
      publicKey: publicKey(Uint8Array.from(spki.subarray(SPKI_PREFIX.length))),
      sign: (message) => Uint8Array.from(node.sign(null, message, secret)),
      agree: (other) => agreeAsIdentity(seed, other),
    };
  };
  return {
    name: "node",
    sha256: (bytes) => latin1ToDigest(node.hash("sha256", bytes, "latin1")),
    createSha256: () => createSha256(node.createHash("sha256")),
    generateKey: (seed) => ({ secretKey: seed.slice(), publicKey: createSigner(seed).publicKey }),
    sign: (secretKey, message) => createSigner(secretKey).sign(message),
    createSigner,
    verify: (key, message, signature) => {
      if (!isStrictForm(key, signature)) return false;
      const imported = importPublic(key);
      return imported !== undefined && node.verify(null, message, imported, signature);
    },
    aesGcmSeal: (key, nonce, header, plaintext) => {
      const cipher = node.createCipheriv(CIPHER, key, nonce);
      cipher.setAAD(header);
      const sealed = new Uint8Array(plaintext.length + AEAD_TAG_BYTES);
      sealed.set(cipher.update(plaintext));
      cipher.final();
      sealed.set(cipher.getAuthTag(), plaintext.length);
      return sealed;
    },
    aesGcmOpen: (key, nonce, header, sealed) => {
      const length = sealed.length - AEAD_TAG_BYTES;
      if (length < 0) return undefined;
      const decipher = node.createDecipheriv(CIPHER, key, nonce, { authTagLength: AEAD_TAG_BYTES });
      decipher.setAAD(header);
      decipher.setAuthTag(sealed.subarray(length));
      const plaintext = decipher.update(sealed.subarray(0, length));
      try {
        decipher.final();
      } catch {
        return undefined;
      }
      // A plain view: `slice` of a Node buffer would share its memory where that of a Uint8Array copies.
      return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
    },
  };
}

/** Node makes a string in half the time that it makes a buffer. */
function latin1ToDigest(text: string): Uint8Array {
  const digest = new Uint8Array(SHA256_BYTES);
  for (let i = 0; i < SHA256_BYTES; i++) digest[i] = text.charCodeAt(i);
  return digest;
}

function createSha256(hash: NodeHash): Sha256 {
  const sha256: Sha256 = {
    update: (bytes) => {
      hash.update(bytes);
      return sha256;
    },
    digest: () => Uint8Array.from(hash.digest()),
  };
  return sha256;
}

function importSecret(node: NodeCrypto, seed: Uint8Array): NodeKey {
  assert(seed.length === SEED_BYTES, () => `a secret key has ${SEED_BYTES} bytes, not ${seed.length}`);
  return node.createPrivateKey({ key: joined(PKCS8_PREFIX, seed), format: "der", type: "pkcs8" });
}

/** Imports public keys, and keeps the last used ones. A key that OpenSSL refuses to import is undefined. */
function createImporter(node: NodeCrypto): (key: Uint8Array) => NodeKey | undefined {
  const importedByKey = new Map<string, NodeKey>();
  return (key) => {
    const name = idKey(key);
    let imported = importedByKey.get(name);
    if (imported !== undefined) importedByKey.delete(name);
    else {
      try {
        imported = node.createPublicKey({ key: joined(SPKI_PREFIX, key), format: "der", type: "spki" });
      } catch {
        return undefined;
      }
    }
    importedByKey.set(name, imported);
    if (importedByKey.size > IMPORTED_KEYS_MAX) {
      for (const oldest of importedByKey.keys()) {
        importedByKey.delete(oldest);
        break;
      }
    }
    return imported;
  };
}

function joined(prefix: Uint8Array, bytes: Uint8Array): Uint8Array {
  const all = new Uint8Array(prefix.length + bytes.length);
  all.set(prefix);
  all.set(bytes, prefix.length);
  return all;
}

/** What this file uses of `node:crypto`; core has no Node types. */
interface NodeCrypto {
  hash(algorithm: string, data: Uint8Array, encoding: "latin1"): string;
  createHash(algorithm: string): NodeHash;
  createPrivateKey(options: NodeKeyOptions): NodeKey;
  createPublicKey(options: NodeKeyOptions | NodeKey): NodeKey;
  sign(algorithm: null, data: Uint8Array, key: NodeKey): Uint8Array;
  verify(algorithm: null, data: Uint8Array, key: NodeKey, signature: Uint8Array): boolean;
  createCipheriv(algorithm: string, key: Uint8Array, nonce: Uint8Array): NodeCipher & { getAuthTag(): Uint8Array };
  createDecipheriv(
    algorithm: string,
    key: Uint8Array,
    nonce: Uint8Array,
    options: { authTagLength: number },
  ): NodeCipher & { setAuthTag(tag: Uint8Array): void };
}

interface NodeHash {
  update(bytes: Uint8Array): this;
  digest(): Uint8Array;
}

interface NodeKeyOptions {
  readonly key: Uint8Array;
  readonly format: "der";
  readonly type: "pkcs8" | "spki";
}

interface NodeKey {
  export(options: { readonly format: "der"; readonly type: "spki" }): Uint8Array;
}

interface NodeCipher {
  setAAD(header: Uint8Array): void;
  update(data: Uint8Array): Uint8Array;
  final(): Uint8Array;
}
