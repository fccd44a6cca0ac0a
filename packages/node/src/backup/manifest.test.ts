import { createHash } from "node:crypto";
import { utf8, utf8ToString } from "@dunlin/core/base";
import { expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { decodeManifest, encodeManifest, type Manifest } from "./manifest.ts";

const sha256 = "a".repeat(64);
const small: Manifest = { takenMs: 0, program: "0.1.0", missing: [], files: [{ path: "node.key", bytes: 64, sha256 }] };
const large: Manifest = {
  takenMs: 1_790_000_000_000,
  program: "0.1.0-next.1+build",
  missing: ["4kx"],
  files: ["blobs/4kx", "config.json", "store/data.mdb"].map((path, at) => ({ path, bytes: at ** 30, sha256 })),
};

it("decodes what it encodes, and nothing else", () => {
  for (const manifest of [small, large])
    expect(decodeManifest(encodeManifest(manifest))).toMatchObject({ value: manifest });
  fuzzDecoder({
    name: "backup manifest",
    seed: 11,
    corpus: [small, large].map((manifest) => utf8(encodeManifest(manifest))),
    decode: (bytes) => {
      const text = utf8ToString(bytes);
      const decoded = text === undefined ? undefined : decodeManifest(text);
      return decoded?.ok ? decoded.value : undefined;
    },
    encode: (manifest) => utf8(encodeManifest(manifest)),
  });
});

/** The lines of a list with its last one made right, as somebody would who wants it to be read. */
function ended(lines: readonly string[]): string {
  const text = `${lines.join("\n")}\n`;
  return `${text}end ${createHash("sha256").update(text).digest("hex")}\n`;
}

it("refuses a path that leaves the home, whatever its hash", () => {
  const head = ["dunlin-backup 1", "taken 0", "program 0.1.0"];
  const file = (path: string): string => `file ${sha256} 1 ${path}`;
  expect(decodeManifest(ended([...head, file("identities/x")]))).toMatchObject({ ok: true });
  for (const path of ["../x", "/etc/x", "a/../x", "a//x", ".hidden", "a/.x", "", "a/", `a/${"x".repeat(200)}`]) {
    expect(decodeManifest(ended([...head, file(path)])), path).toMatchObject({ error: { code: "BACKUP_INVALID" } });
  }
  const twice = [...head, file("a"), file("a")];
  expect(decodeManifest(ended(twice))).toMatchObject({ error: { code: "BACKUP_INVALID" } });
});

it("says of a newer format that it is newer", () => {
  expect(decodeManifest("dunlin-backup 2\nwhatever\n")).toMatchObject({ error: { code: "BACKUP_NEWER" } });
});
