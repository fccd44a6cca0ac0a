import { describe, expect, it } from "vitest";
import { must, utf8, utf8ToString } from "../base/index.ts";
import { agreementPublicKey } from "../crypto/index.ts";
import { SealedLink } from "./sealed-link.ts";

const [aliceSecret, bobSecret, relaySecret] = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const [alice, bob, relay] = [aliceSecret, bobSecret, relaySecret].map(agreementPublicKey) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

function pair(): [SealedLink, SealedLink] {
  return [
    must(SealedLink.open(aliceSecret, alice, bob), "a link"),
    must(SealedLink.open(bobSecret, bob, alice), "a link"),
  ];
}

describe("a sealed link", () => {
  it("carries frames both ways, in order", () => {
    const [a, b] = pair();
    for (const text of ["one", "two", ""]) expect(utf8ToString(must(b.open(a.seal(utf8(text))), "opens"))).toBe(text);
    expect(utf8ToString(must(a.open(b.seal(utf8("back"))), "opens"))).toBe("back");
  });

  it("refuses a frame that comes again, in another order, changed, or of its own", () => {
    const sealed = (): [SealedLink, SealedLink, Uint8Array, Uint8Array] => {
      const [a, b] = pair();
      return [a, b, a.seal(utf8("first")), a.seal(utf8("second"))];
    };
    const [, again, first] = sealed();
    expect(again.open(first)).toBeDefined();
    expect(again.open(first)).toBeUndefined();
    const [, swapped, , second] = sealed();
    expect(swapped.open(second)).toBeUndefined();
    const [, changed, frame] = sealed();
    frame[frame.length - 1] = (frame[frame.length - 1] as number) ^ 1;
    expect(changed.open(frame)).toBeUndefined();
    const [own, , mine] = sealed();
    expect(own.open(mine)).toBeUndefined();
  });

  it("cannot be read by who put a key of its own in between", () => {
    const toRelay = must(SealedLink.open(aliceSecret, alice, relay), "a link");
    const bobs = must(SealedLink.open(bobSecret, bob, alice), "a link");
    expect(bobs.open(toRelay.seal(utf8("secret")))).toBeUndefined();
  });

  it("is not opened to a key of low order or to oneself", () => {
    expect(SealedLink.open(aliceSecret, alice, new Uint8Array(32))).toBeUndefined();
    expect(SealedLink.open(aliceSecret, alice, alice)).toBeUndefined();
  });
});
