import { bytesToBase58, utf8 } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { expect, it } from "vitest";
import { createGuestBlobs } from "./guest-blobs.ts";

function open() {
  const files = new Map<string, Uint8Array>();
  const folder = {
    readBlob: (name: string) => files.get(name),
    writeBlob: (name: string, bytes: Uint8Array) => void files.set(name, bytes),
  };
  return { files, blobs: createGuestBlobs(createCrypto(), folder) };
}

it("names blobs as the original node does, and reads them by that name", () => {
  const { blobs } = open();
  const large = new Uint8Array((1 << 20) + 1);
  large[1 << 20] = "x".charCodeAt(0);
  const contents = [utf8("hello"), large, new Uint8Array(0)];
  const ids = contents.map((bytes) => blobs.put(bytes));
  expect(ids.map(bytesToBase58)).toEqual([
    "B4vDoZ2b3EoHNyf727eRqm5cKwbniJL7NTwPqs3o4cwH",
    "9vgbGt65zAFThHoRFeANaPZLfygJkjxAA1pGycYxKyEY",
    "GKot5hBsd81kMupNCXHaqbhv3huEbxAFMLnpcX2hniwn",
  ]);
  expect(ids.map((id) => blobs.get(id))).toEqual(contents);
  expect(blobs.announce(ids[0] as Uint8Array, new Uint8Array(32))).toBe(true);
});

it("gives no blob whose file is not what its name says", () => {
  const { blobs, files } = open();
  const id = blobs.put(utf8("hello"));
  files.set(bytesToBase58(id), utf8("other"));
  expect([blobs.get(id), blobs.announce(id, id)]).toEqual([undefined, false]);
});
