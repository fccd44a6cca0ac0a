import { describe, expect, it } from "vitest";
import { type ContextId, concatBytes, utf8 } from "../base/index.ts";
import { createCrypto } from "../crypto/index.ts";
import { type Invitation, signInvitation, verifyInvitation } from "./invitation.ts";
import { INVITATION_ADDRESSES_MAX, INVITATION_BYTES_MAX, INVITATION_USES_MAX } from "./limits.ts";

const crypto = createCrypto();
const inviter = crypto.createSigner(new Uint8Array(32).fill(1));
const invitee = crypto.createSigner(new Uint8Array(32).fill(2));
const invitation: Invitation = {
  context: new Uint8Array(32).fill(7) as ContextId,
  inviter: inviter.publicKey,
  holder: { kind: "named", key: invitee.publicKey },
  uses: 1,
  role: "writer",
  nonce: new Uint8Array(16).fill(3),
  expiresMs: 1_800_000_000_000,
  redeemer: inviter.publicKey,
  redeemerPeer: "12D3KooW",
  redeemerAddresses: ["/ip4/127.0.0.1/tcp/4001", "/dns4/example.org/tcp/4001"],
};
const signed = signInvitation(crypto, inviter, invitation);

/** Signs whatever it is given. */
function resign(body: Uint8Array): Uint8Array {
  return concatBytes(body, inviter.sign(crypto.sha256(concatBytes(utf8("dunlin/invitation/1"), body))));
}

const body = signed.subarray(0, signed.length - 64);
const edited = (at: number, byte: number): Uint8Array => resign(Uint8Array.from(body.with(at, byte)));
const HOLDER_AT = 65;
const ROLE_AT = 98;

const bad: [string, Uint8Array][] = [
  ["nothing", new Uint8Array(0)],
  ["less than a signature", signed.subarray(0, 63)],
  ["a signature alone", signed.subarray(signed.length - 64)],
  ["cut short", signed.subarray(0, signed.length - 1)],
  ["with a byte behind it", concatBytes(signed, new Uint8Array(1))],
  ["of another version", edited(0, 1)],
  ["for no holder", edited(HOLDER_AT, 0)],
  ["for an unknown kind of holder", edited(HOLDER_AT, 3)],
  ["named, for more than one", signInvitation(crypto, inviter, { ...invitation, uses: 2 })],
  ["for nobody", signInvitation(crypto, inviter, { ...invitation, uses: 0 })],
  [
    "for more than may join",
    signInvitation(crypto, inviter, {
      ...invitation,
      holder: { kind: "bearer", key: invitee.publicKey },
      uses: INVITATION_USES_MAX + 1,
    }),
  ],
  ["of no role", edited(ROLE_AT, 0)],
  ["of an unknown role", edited(ROLE_AT, 4)],
  ["with a body too long by a byte, signed", resign(concatBytes(body, new Uint8Array(1)))],
  ["with a body too short by a byte, signed", resign(body.subarray(0, body.length - 1))],
  ["signed by the invitee", signInvitation(crypto, invitee, invitation)],
  ["naming another inviter", signInvitation(crypto, inviter, { ...invitation, inviter: invitee.publicKey })],
  ["with too many addresses", signInvitation(crypto, inviter, { ...invitation, redeemerAddresses: many("a") })],
  [
    "with an address that is too long",
    signInvitation(crypto, inviter, { ...invitation, redeemerAddresses: ["a".repeat(257)] }),
  ],
  [
    "for a peer whose name is too long",
    signInvitation(crypto, inviter, { ...invitation, redeemerPeer: "p".repeat(129) }),
  ],
  ["too large", signInvitation(crypto, inviter, { ...invitation, redeemerAddresses: [...many("b".repeat(256))] })],
];

function many(address: string): string[] {
  return Array.from({ length: INVITATION_ADDRESSES_MAX + 1 }, () => address);
}

describe("an invitation", () => {
  it("is what was signed", () => {
    expect(verifyInvitation(crypto, signed)).toEqual({ ok: true, value: invitation });
    const full = { ...invitation, redeemerAddresses: many("x").slice(1), redeemerPeer: "p".repeat(128) };
    expect(verifyInvitation(crypto, signInvitation(crypto, inviter, full))).toEqual({ ok: true, value: full });
    expect(INVITATION_BYTES_MAX).toBeGreaterThan(signed.length);
  });

  it.each(bad)("is refused: %s", (_name, bytes) => {
    expect(verifyInvitation(crypto, bytes)).toMatchObject({ ok: false, error: { code: "INVITATION_INVALID" } });
  });

  it("is refused with any byte changed", () => {
    for (let at = 0; at < signed.length; at++) {
      const changed = signed.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      expect(verifyInvitation(crypto, changed).ok, `byte ${at}`).toBe(false);
    }
  });
});
