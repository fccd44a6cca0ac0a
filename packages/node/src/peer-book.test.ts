import { bytesToBase58 } from "@dunlin/core/base";
import { createVirtualTime } from "@dunlin/network/testing";
import { describe, expect, it } from "vitest";
import { LEARNT_PEERS_MAX, PEER_BOOK_SAVE_MS } from "./limits.ts";
import { PeerBook } from "./peer-book.ts";
import { decodePeerBook, type PeerAddressBook } from "./peer-book-file.ts";

const PEERS = [
  "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5",
  "12D3KooWJWoaqZhDaoEFshF7Rh1bpY9ohihFhzcW6d69Lr2NASuq",
] as const;
const address = (peer: string, port = 1): string => `/ip4/127.0.0.1/tcp/${port}/p2p/${peer}`;

function open(kept?: PeerAddressBook) {
  const time = createVirtualTime();
  const saved: PeerAddressBook[] = [];
  let changes = 0;
  const ports = {
    self: "self",
    scheduler: time,
    save: (book: PeerAddressBook) => void saved.push(book),
    onChange: () => changes++,
  };
  return { book: new PeerBook(ports, kept), saved, time, changes: () => changes };
}

const allOf = (book: PeerBook) => book.addressesOf([...book.peersByContext().values()].flat());

describe("PeerBook", () => {
  it("keeps the latest word on a peer, and saves once for many changes", () => {
    const { book, saved, time, changes } = open();
    for (let port = 1; port <= 5; port++) book.learn(PEERS[0], [address(PEERS[0], port)]);
    book.learn(PEERS[0], [address(PEERS[0], 5)]);
    expect(changes()).toBe(5);
    expect(saved).toEqual([]);
    time.advance(PEER_BOOK_SAVE_MS);
    expect(saved).toEqual([{ [PEERS[0]]: [address(PEERS[0], 5)] }]);
    expect(allOf(open(saved[0]).book)).toEqual([address(PEERS[0], 5)]);
  });

  it("adds where a peer was seen on the local network, for this run and in place of nothing", () => {
    const { book, saved, time, changes } = open({ [PEERS[0]]: [address(PEERS[0])] });
    for (let i = 0; i < 3; i++) book.sight(PEERS[0], [address(PEERS[0], 2)]);
    book.sight(PEERS[1], [address(PEERS[1], 3)]);
    expect(changes()).toBe(2);
    expect(allOf(book)).toEqual([address(PEERS[0], 1), address(PEERS[0], 2)]);
    expect(book.addressesOf([PEERS[1]])).toEqual([address(PEERS[1], 3)]);
    time.advance(PEER_BOOK_SAVE_MS);
    expect(saved).toEqual([]);
  });

  it("holds no more sightings than its limit, however many peers are claimed", () => {
    const { book } = open();
    const claimed = Array.from({ length: LEARNT_PEERS_MAX + 5 }, (_, i) => `peer ${i}`);
    for (const peer of claimed) book.sight(peer, [peer]);
    expect(book.addressesOf(claimed)).toEqual(claimed.slice(5));
  });

  it("knows who shares which context, and of whom nobody has said", () => {
    const { book, changes } = open({ [PEERS[1]]: [address(PEERS[1])] });
    book.learn(PEERS[0], [address(PEERS[0])], "one");
    book.learn(PEERS[0], [address(PEERS[0])], "two");
    book.learn(PEERS[0], [address(PEERS[0])], "two");
    expect(changes()).toBe(2);
    expect(book.peersByContext()).toEqual(
      new Map([
        ["", [PEERS[1]]],
        ["one", [PEERS[0]]],
        ["two", [PEERS[0]]],
      ]),
    );
  });

  it("takes an address only for the peer that it names", () => {
    const { book, changes } = open();
    book.learn(PEERS[0], ["nonsense", "/ip4/127.0.0.1/tcp/1", address(PEERS[1])]);
    book.learn("self", [address(PEERS[0])]);
    expect(allOf(book)).toEqual([]);
    expect(changes()).toBe(0);
    book.learn(PEERS[0], [address(PEERS[1]), address(PEERS[0])]);
    expect(allOf(book)).toEqual([address(PEERS[0])]);
  });

  it("lets a hint stand only until the peer is heard of", () => {
    const { book } = open({ [PEERS[0]]: [address(PEERS[0], 7)] });
    book.hint(PEERS[0], [address(PEERS[0], 1)]);
    book.hint(PEERS[1], [address(PEERS[1], 1)]);
    book.learn(PEERS[1], [address(PEERS[1], 2)]);
    expect(allOf(book)).toEqual([address(PEERS[0], 7), address(PEERS[1], 2)]);
  });

  it("makes room for a new peer by the one heard of longest ago", () => {
    const strangers = Array.from({ length: LEARNT_PEERS_MAX }, (_, i) => peerNumber(i));
    const { book } = open();
    for (const peer of strangers) book.learn(peer, [address(peer)]);
    book.learn(strangers[0] as string, [address(strangers[0] as string, 2)]);
    book.learn(PEERS[0], [address(PEERS[0])]);
    expect(allOf(book)).toHaveLength(LEARNT_PEERS_MAX);
    expect(allOf(book)).not.toContain(address(strangers[1] as string));
    expect(allOf(book)).toContain(address(strangers[0] as string, 2));
  });

  it("flushes what waits, and nothing when nothing does", () => {
    const { book, saved } = open();
    book.flush();
    expect(saved).toEqual([]);
    book.learn(PEERS[0], [address(PEERS[0])]);
    book.flush();
    book.flush();
    expect(saved).toHaveLength(1);
  });
});

describe("decodePeerBook", () => {
  it("refuses what is no book", () => {
    for (const text of ["", "{", "[]", "null", '"a"', '{"a":1}', '{"a":[1]}', '{"a":null}']) {
      expect(decodePeerBook(text), text).toBeUndefined();
    }
    expect(decodePeerBook('{"a":["b"]}')).toEqual({ a: ["b"] });
  });
});

/** A peer id as libp2p writes that of an Ed25519 key: the identity multihash, in base58. */
function peerNumber(number: number): string {
  const bytes = new Uint8Array(38).fill(7);
  bytes.set([0x00, 0x24, 0x08, 0x01, 0x12, 0x20, number & 255, number >> 8]);
  return bytesToBase58(bytes);
}
