import { describe, expect, it } from "vitest";
import { bytesToHex, hexToBytes, must } from "../base/index.ts";
import { agree, agreementPublicKey } from "./agreement.ts";

const bytes = (hex: string) => must(hexToBytes(hex), "hexadecimal");

describe("key agreement", () => {
  it("is that of RFC 7748, section 5.2", () => {
    const scalar = bytes("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
    const point = bytes("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
    const shared = "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552";
    expect(bytesToHex(must(agree(scalar, point), "a secret"))).toBe(shared);
  });

  it("gives both sides one secret", () => {
    const [alice, bob] = [new Uint8Array(32).fill(5), new Uint8Array(32).fill(7)];
    expect(agree(alice, agreementPublicKey(bob))).toEqual(agree(bob, agreementPublicKey(alice)));
  });

  it.each([
    ["zero, which has low order", new Uint8Array(32)],
    ["one, which has low order", Uint8Array.of(1, ...new Uint8Array(31))],
    ["a key that is too short", new Uint8Array(31).fill(9)],
  ])("refuses %s", (_name, key) => {
    expect(agree(new Uint8Array(32).fill(5), key)).toBeUndefined();
  });
});
