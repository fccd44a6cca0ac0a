/**
 * A node's folder.
 *
 *   node.key              seed of the node's network key, hex, mode 0600
 *   identities/<key>      seed of a member's key, hex, mode 0600, named by its public key
 *   applications/<id>     installed bundles, named by their hash
 *   store/                the LMDB store of the shard
 *   blobs/<id>            chunks of blobs, named by their hash
 *   recordings/<call>     calls as they were made, when that is asked for; may be removed, in no backup
 *   peers.json            how other members' nodes were last reached; may be removed
 *   installation          16 random bytes, hex: which copy of the folder this is; in no backup
 *
 * Files appear whole: written beside, flushed, renamed, and the folder flushed.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { base58ToBytes, bytesToBase58, bytesToHex, hexToBytes, type Random, type Signer } from "@dunlin/core/base";
import type { Crypto } from "@dunlin/core/crypto";
import { NodeFailure } from "./failure.ts";
import { PEER_BOOK_BYTES_MAX } from "./limits.ts";
import { decodePeerBook, type PeerAddressBook } from "./peer-book-file.ts";

const SEED_BYTES = 32;
const INSTALLATION_BYTES = 16;
const ID_CHARS_MAX = 44;

/** What a backup holds of the folder beside the store: single files, then folders of files that never change. */
export const BACKED_UP_FILES: readonly string[] = ["config.json", "node.key", "peers.json", "token"];
export const BACKED_UP_FOLDERS: readonly string[] = ["identities", "applications", "blobs"];
/** Files that are being written, by the end of their names. */
export const UNFINISHED: readonly string[] = [".new", ".part"];

export class Home {
  readonly path: string;

  /** Makes the folder if it is missing. */
  constructor(path: string) {
    this.path = path;
    for (const folder of [path, this.#identities, this.#applications])
      mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  get store(): string {
    return join(this.path, "store");
  }

  get blobs(): string {
    return join(this.path, "blobs");
  }

  /** The seed of the node's network key, drawn at the first start. */
  nodeSeed(random: Random): Uint8Array {
    const file = join(this.path, "node.key");
    if (existsSync(file)) return readSeed(file);
    const seed = random.bytes(SEED_BYTES);
    writeWhole(this.path, "node.key", Buffer.from(bytesToHex(seed)));
    return seed;
  }

  /**
   * Names this copy of the folder, drawn when there is none. A restored folder has none, so that its contexts are written
   * as new actors from then on, whatever the path and the inode that it lies at.
   */
  installation(random: Random): string {
    const file = join(this.path, "installation");
    const kept = existsSync(file) ? hexToBytes(readFileSync(file, "utf8").trim()) : undefined;
    if (kept?.length === INSTALLATION_BYTES) return bytesToHex(kept);
    const drawn = bytesToHex(random.bytes(INSTALLATION_BYTES));
    writeWhole(this.path, "installation", Buffer.from(drawn));
    return drawn;
  }

  /** Draws a member's key pair and keeps its secret. */
  createIdentity(crypto: Crypto, random: Random): Signer {
    const seed = random.bytes(SEED_BYTES);
    const signer = crypto.createSigner(seed);
    writeWhole(this.#identities, bytesToBase58(signer.publicKey), Buffer.from(bytesToHex(seed)));
    return signer;
  }

  /** The signer of a member whose key is kept here. */
  signerOf(crypto: Crypto, publicKey: Uint8Array): Signer | undefined {
    const file = join(this.#identities, bytesToBase58(publicKey));
    return existsSync(file) ? crypto.createSigner(readSeed(file)) : undefined;
  }

  /** Keeps an encoded application bundle under its id. */
  writeApplication(id: Uint8Array, bundle: Uint8Array): void {
    writeWhole(this.#applications, bytesToBase58(id), bundle);
  }

  readApplication(id: Uint8Array): Uint8Array | undefined {
    const file = join(this.#applications, bytesToBase58(id));
    return existsSync(file) ? readFileSync(file) : undefined;
  }

  applicationIds(): Uint8Array[] {
    const named = readdirSync(this.#applications).map((name) => base58ToBytes(name, ID_CHARS_MAX));
    return named.filter((id) => id?.length === SEED_BYTES) as Uint8Array[];
  }

  /** Undefined when there is none, or it is damaged: nothing hangs on it but a faster start. */
  readPeers(): PeerAddressBook | undefined {
    const file = join(this.path, "peers.json");
    if (!existsSync(file) || statSync(file).size > PEER_BOOK_BYTES_MAX) return undefined;
    return decodePeerBook(readFileSync(file, "utf8"));
  }

  writePeers(book: PeerAddressBook): void {
    writeWhole(this.path, "peers.json", Buffer.from(JSON.stringify(book)));
  }

  get #identities(): string {
    return join(this.path, "identities");
  }

  get #applications(): string {
    return join(this.path, "applications");
  }
}

function readSeed(file: string): Uint8Array {
  const seed = hexToBytes(readFileSync(file, "utf8").trim());
  if (seed?.length !== SEED_BYTES) throw new NodeFailure("HOME_INVALID", `${file} does not hold a key: restore it`);
  return seed;
}

function writeWhole(folder: string, name: string, bytes: Uint8Array): void {
  const target = join(folder, name);
  const draft = `${target}.new`;
  const file = openSync(draft, "w", 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, target);
  const directory = openSync(folder, "r");
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}
