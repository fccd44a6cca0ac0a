import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../tools/fuzz.ts";
import { bytesToHex, concatBytes, hexToBytes, must } from "../base/index.ts";
import { RELAY_MESSAGE_BYTES_MAX, ROOM_PEERS_MAX } from "./limits.ts";
import { decodeRelayMessage, encodeRelayMessage, type RelayMessage } from "./relay-messages.ts";

const id = (byte: number) => new Uint8Array(32).fill(byte);

const messages: readonly RelayMessage[] = [
  { kind: "join", room: id(1), peer: id(2), token: "" },
  { kind: "join", room: id(1), peer: id(2), token: "a token" },
  { kind: "joined", peers: [] },
  { kind: "joined", peers: [id(1), id(2)] },
  { kind: "arrived", peer: id(3) },
  { kind: "left", peer: id(3) },
  { kind: "frame", peer: id(3), sealed: Uint8Array.of(1, 2, 3) },
  { kind: "frame", peer: id(3), sealed: new Uint8Array(0) },
  { kind: "refused", reason: "the room is full" },
];

const url = new URL("../../../../fixtures/vectors/relay-messages/valid.json", import.meta.url);
const vectors = JSON.parse(readFileSync(url, "utf8")) as { readonly messages: readonly string[] };

describe("a message between client and relay", () => {
  it("has the bytes of the vectors", () => {
    expect(messages.map((message) => bytesToHex(encodeRelayMessage(message)))).toEqual(vectors.messages);
    for (const [i, hex] of vectors.messages.entries()) {
      expect(decodeRelayMessage(must(hexToBytes(hex), "hexadecimal"))).toEqual(messages[i]);
    }
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["an unknown kind", Uint8Array.of(9)],
    ["a join of another version", concatBytes(Uint8Array.of(1, 2), id(1), id(2), Uint8Array.of(0))],
    ["a byte behind the end", concatBytes(encodeRelayMessage({ kind: "left", peer: id(3) }), Uint8Array.of(0))],
    ["peers out of order", encodeRelayMessage({ kind: "joined", peers: [id(2), id(1)] })],
    ["more peers than a room has", encodeRelayMessage({ kind: "joined", peers: many(ROOM_PEERS_MAX + 1) })],
    ["more bytes than a relay carries", new Uint8Array(RELAY_MESSAGE_BYTES_MAX + 1).fill(5)],
  ])("is refused: %s", (_name, bytes) => {
    expect(decodeRelayMessage(bytes)).toBeUndefined();
  });

  it("may come as any bytes", () => {
    const corpus = messages.map(encodeRelayMessage);
    const decode = decodeRelayMessage;
    expect(
      fuzzDecoder({ name: "relay message", seed: 71, corpus, decode, encode: encodeRelayMessage }).inputs,
    ).toBeGreaterThan(0);
  });
});

function many(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => Uint8Array.of(i >> 8, i & 255, ...new Uint8Array(30)));
}
