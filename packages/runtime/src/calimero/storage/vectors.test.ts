/** The published vectors of the storage that guests bring along. */
import { bytesToBase58, bytesToHex, concatBytes, hexToBytes, utf8 } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { describe, expect, it } from "vitest";
import { fuzzDecoder } from "../../../../../tools/fuzz.ts";
import { signUserActions } from "../sign-actions.ts";
import {
  type Action,
  type Artifact,
  CURRENT_FORM,
  decodeArtifact,
  encodeArtifact,
  type Metadata,
  writeMetadata,
  writeStorageType,
} from "./action.ts";
import { BorshWriter } from "./borsh.ts";
import { collectionId, entryId, entryKey, indexKey } from "./ids.ts";
import { signedPayload } from "./signing.ts";

const crypto = createCrypto();
const context = new Uint8Array(32).fill(0xec);
const state = new Uint8Array(32).fill(0x76);
const metadata: Metadata = {
  createdAt: 1000n,
  updatedAt: 2000n,
  storage: { kind: "public" },
  crdtType: undefined,
  fieldName: undefined,
};
const items = collectionId(crypto, "items");
const greeting = entryId(crypto, items, utf8("greeting"));
const text = (value: string): Uint8Array => new BorshWriter().bytes(utf8(value)).toBytes();
const data = concatBytes(text("greeting"), text("Hello"), greeting);

describe("storage", () => {
  it("names rows and entities as published", () => {
    expect(bytesToBase58(context)).toBe("Gwrkn4uQZP6TvN2mwVyqfb92cUeVx12WsJHrkhaPKd7q");
    const names = [
      indexKey(crypto, context),
      entryKey(crypto, context),
      indexKey(crypto, state),
      entryKey(crypto, state),
      items,
      collectionId(crypto, "__counter_internal_visits_positive"),
      greeting,
      entryKey(crypto, greeting),
    ];
    expect(names.map(bytesToHex)).toEqual([
      "e06fa67e63b23c62f17005b4fc11422d3492128ab6c99ffd02635c058a207f38",
      "c33469ae715ec8afd97d5d80eacfe572a43b7646ccf3401d8602fe25c2893815",
      "823c19329ae77d301f31e46b6c15c4c0fefc34404e6807f997feb12de02f5be3",
      "a39c42e558b5b1b6bd8064982e3531c150568a4c87decedf92b2e55324496c5a",
      "2c28bb6706f1dff0b461c6b9b7d3be01d402ee789a66759cde0a34c6a1e2329a",
      "5c7ed82338e6fe96e2f58863597198d7bba3f25073ec1227540ab6e991b04c9f",
      "fa1d1f6cdd919a2d75f861eb4a3614c9a3bd9657888202d5a8b4be917ff2ed76",
      "66f4cc2ab16e94750b71cb7d4e0f9e777e0d7800a4f10092e7b9bd3b141af38b",
    ]);
  });

  it("hashes an entry as published", () => {
    const own = crypto.sha256(data);
    expect(data.length).toBe(53);
    expect(bytesToHex(own)).toBe("3e0d06a2b6aa18931ddce85b86569dbb0c54e0851e0475e8b368fc9a9d6595a5");
    expect(bytesToHex(crypto.sha256(own))).toBe("a68ff991c03213fc8fbed6abd3abb602a1810760e5fbd0e5a445f82cbff4fcb8");
    expect(bytesToHex(crypto.sha256(context))).toBe("cb0c1d2d9483ff8e50c098abb85177f78b38a6d04558442075d36a533896e6a8");
  });

  it("signs as published", () => {
    const upsert: Action = { kind: "add", id: greeting, data, ancestors: [], metadata };
    const remove: Action = { kind: "delete", id: greeting, deletedAt: 5n, metadata };
    expect([upsert, remove].map((action) => bytesToHex(signedPayload(crypto, action)))).toEqual([
      "a25c75707bb8821d5e87bc3078511bcc4e04dabe304f89498b16013cdf4f6b0a",
      "f6aeb2809ab09939a496142b0012dfac1b37bfa0f84e6c365543d60ceddfb15d",
    ]);
  });

  it("writes metadata as published", () => {
    const write = (of: Metadata): Uint8Array => {
      const writer = new BorshWriter();
      writeMetadata(writer, of, CURRENT_FORM);
      return writer.toBytes();
    };
    expect(bytesToHex(write(metadata))).toBe("e803000000000000d007000000000000000000");
    const crdtType = concatBytes(Uint8Array.of(4), text("alloc::string::String"), text("alloc::string::String"));
    expect(write({ ...metadata, crdtType, fieldName: utf8("items") }).length).toBe(79);
    const owned = new BorshWriter();
    writeStorageType(owned, user(owner.publicKey).storage);
    expect(owned.toBytes().length).toBe(106);
    const plain = { kind: "add", id: greeting, data, ancestors: [], metadata } as const;
    const lengths = [[], [{ id: items, hash: context, metadata }]].map(
      (ancestors) => encodeArtifact({ form: CURRENT_FORM, actions: [{ ...plain, ancestors }] }).length,
    );
    expect((lengths[1] ?? 0) - (lengths[0] ?? 0)).toBe(83);
  });
});

const owner = crypto.createSigner(new Uint8Array(32).fill(7));
const user = (publicKey: Uint8Array): Metadata => ({
  ...metadata,
  storage: { kind: "user", owner: publicKey, signed: { signature: new Uint8Array(64), nonce: 1234n } },
});
const ancestor = {
  id: items,
  hash: context,
  metadata: { ...metadata, crdtType: Uint8Array.of(1), fieldName: utf8("f") },
};

function artifact(form: Artifact["form"], publicKey: Uint8Array): Artifact {
  const plain = (of: Metadata): Metadata => ({
    ...of,
    storage: form >= 1 ? of.storage : { kind: "public" },
    crdtType: form >= 2 ? of.crdtType : undefined,
    fieldName: form >= 3 ? of.fieldName : undefined,
  });
  const ancestors = [{ ...ancestor, metadata: plain(ancestor.metadata) }];
  const actions: Action[] = [
    { kind: "add", id: greeting, data, ancestors, metadata: plain(user(publicKey)) },
    {
      kind: "update",
      id: items,
      data: context,
      ancestors: [],
      metadata: plain({ ...metadata, storage: { kind: "frozen" } }),
    },
    { kind: "compare", id: state },
    { kind: "delete", id: greeting, deletedAt: 99n, metadata: plain(user(publicKey)) },
  ];
  return { form, actions };
}

describe("artifacts", () => {
  it("are read in the form of the build that made them", () => {
    for (const form of [0, 1, 2, 3] as const) {
      expect(decodeArtifact(encodeArtifact(artifact(form, owner.publicKey)))).toEqual(artifact(form, owner.publicKey));
    }
    expect(decodeArtifact(Uint8Array.of(1, 0, 0, 0, 0))).toBeUndefined();
    expect(decodeArtifact(hexToBytes("00ffffffff") as Uint8Array)).toBeUndefined();
  });

  it("get the caller's signature where the caller owns, in any form, and nowhere else", () => {
    for (const form of [1, 2, 3] as const) {
      const signed = decodeArtifact(signUserActions(crypto, owner, encodeArtifact(artifact(form, owner.publicKey))));
      const [add, , , remove] = signed?.actions ?? [];
      for (const [action, nonce] of [
        [add, 2000n],
        [remove, 99n],
      ] as const) {
        if (!action || action.kind === "compare" || action.metadata.storage.kind !== "user") throw new Error("owned");
        const { signature, nonce: told } = action.metadata.storage.signed ?? { signature: context, nonce: 0n };
        expect(told).toBe(nonce);
        const before: Action = { ...action, metadata: { ...action.metadata, storage: user(owner.publicKey).storage } };
        expect(crypto.verify(owner.publicKey, signedPayload(crypto, before), signature)).toBe(true);
      }
    }
    const others = encodeArtifact(artifact(3, state));
    expect(signUserActions(crypto, owner, others)).toBe(others);
    const opaque = utf8("not an artifact");
    expect(signUserActions(crypto, owner, opaque)).toBe(opaque);
  });

  it("are refused when they are anything else", () => {
    const report = fuzzDecoder({
      name: "artifact",
      seed: 20261130,
      corpus: [0, 1, 2, 3].map((form) => encodeArtifact(artifact(form as Artifact["form"], owner.publicKey))),
      decode: decodeArtifact,
      encode: encodeArtifact,
    });
    expect(report.accepted).toBeGreaterThan(0);
  });
});
