import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToBase58 } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Home } from "./home.ts";
import { placeOf, systemRandom } from "./platform.ts";

const crypto = createCrypto();
let folder: string;
let home: Home;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dunlin-home-"));
  home = new Home(join(folder, "home"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const files = (path = home.path): string[] =>
  readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe("Home", () => {
  it("draws the node's key once, and refuses a damaged one by name", () => {
    const seed = home.nodeSeed(systemRandom);
    expect(new Home(home.path).nodeSeed(systemRandom)).toEqual(seed);
    for (const damaged of ["", "zz", "00".repeat(31), "00".repeat(33)]) {
      writeFileSync(join(home.path, "node.key"), damaged);
      expect(() => home.nodeSeed(systemRandom)).toThrow(
        expect.objectContaining({ code: "HOME_INVALID", message: expect.stringContaining("node.key") }),
      );
    }
  });

  it("names its copy of the folder once, and another one anew", () => {
    const named = home.installation(systemRandom);
    expect(new Home(home.path).installation(systemRandom)).toBe(named);
    for (const damaged of ["", "zz", "00".repeat(15), "00".repeat(17)]) {
      writeFileSync(join(home.path, "installation"), damaged);
      expect(home.installation(systemRandom)).not.toBe(damaged);
    }
    rmSync(join(home.path, "installation"));
    const other = home.installation(systemRandom);
    expect(other).not.toBe(named);
    // At one path and inode a store of another installation is another store.
    expect(placeOf(home.path, other)).not.toBe(placeOf(home.path, named));
  });

  it("keeps identities by their public key, and knows no other", () => {
    const signer = home.createIdentity(crypto, systemRandom);
    const message = Uint8Array.of(1, 2, 3);
    const kept = new Home(home.path).signerOf(crypto, signer.publicKey);
    expect(kept?.sign(message)).toEqual(signer.sign(message));
    expect(home.signerOf(crypto, new Uint8Array(32))).toBeUndefined();
  });

  it("is closed to others, file by file, and holds no half-written one", () => {
    home.nodeSeed(systemRandom);
    home.createIdentity(crypto, systemRandom);
    home.writePeers({});
    for (const file of files()) {
      expect(statSync(file).mode & 0o077, file).toBe(0);
      expect(file).not.toMatch(/\.new$/);
    }
    expect(statSync(home.path).mode & 0o077).toBe(0);
  });

  it("lists applications, and passes over what is none", () => {
    const id = new Uint8Array(32).fill(9);
    home.writeApplication(id, Uint8Array.of(1));
    home.writeApplication(id, Uint8Array.of(1, 2));
    writeFileSync(join(home.path, "applications", `${bytesToBase58(id)}.new`), "half");
    expect(home.applicationIds()).toEqual([id]);
    expect(home.readApplication(id)).toEqual(Buffer.of(1, 2));
    expect(home.readApplication(new Uint8Array(32))).toBeUndefined();
  });

  it("starts without the book of peers when it is missing, damaged or far too large", () => {
    expect(home.readPeers()).toBeUndefined();
    home.writePeers({ peer: ["address"] });
    expect(home.readPeers()).toEqual({ peer: ["address"] });
    writeFileSync(join(home.path, "peers.json"), '{"peer":[1]}');
    expect(home.readPeers()).toBeUndefined();
    writeFileSync(join(home.path, "peers.json"), JSON.stringify({ peer: ["x".repeat(2_000_000)] }));
    expect(home.readPeers()).toBeUndefined();
    expect(existsSync(home.store)).toBe(false);
  });
});
