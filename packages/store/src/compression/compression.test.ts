import {
  type AsyncCompression,
  BLOCK_GAIN_MAX,
  BLOCK_RATIO_MAX,
  type BlockFailure,
  bytesToHex,
  createPrng,
  packBlock,
  packBlockAsync,
  type Result,
  unpackBlock,
  unpackBlockAsync,
  Writer,
} from "@dunlin/core/base";
import { platformCompression } from "@dunlin/core/platform";
import { describe, expect, it } from "vitest";
import { mutate } from "../../../../tools/fuzz.ts";
import { zlibCompression } from "./index.ts";

const MAX = 1_000_000;
const prng = createPrng(91);
const text = new TextEncoder().encode("a line that comes again and again, with a number ".repeat(100));
const noise = prng.bytes(5000);

const platform = platformCompression() as AsyncCompression;

/** Both ports behind one shape. */
const ports = {
  zlib: {
    pack: async (bytes: Uint8Array) => packBlock(bytes, zlibCompression),
    unpack: async (block: Uint8Array, bytesMax: number) => unpackBlock(block, bytesMax, zlibCompression),
  },
  "platform streams": {
    pack: (bytes: Uint8Array) => packBlockAsync(bytes, platform),
    unpack: (block: Uint8Array, bytesMax: number) => unpackBlockAsync(block, bytesMax, platform),
  },
};

function codeOf(result: Result<Uint8Array, BlockFailure>): string {
  return result.ok ? "ok" : result.error.code;
}

/** Says that `length` bytes are in a stream that holds others. */
function lie(bytes: Uint8Array, length: number): Uint8Array {
  return new Writer().u8(1).varint(length).raw(zlibCompression.deflateRaw(bytes, 9)).toBytes();
}

describe.each(Object.entries(ports))("blocks by %s", (_name, { pack, unpack }) => {
  it("come back as they were, compressed where it pays", async () => {
    for (const bytes of [new Uint8Array(0), text.subarray(0, 100), text, noise]) {
      const block = await pack(bytes);
      expect(await unpack(block, MAX)).toEqual({ ok: true, value: new Uint8Array(bytes) });
      const isCompressed = block[0] === 1;
      expect(isCompressed).toBe(bytes === text);
      expect(block.length).toBeLessThanOrEqual(isCompressed ? bytes.length * BLOCK_GAIN_MAX + 4 : bytes.length + 1);
    }
  });

  it("are refused with a code when they unfold to too much", async () => {
    expect(codeOf(await unpack(await pack(text), text.length))).toBe("ok");
    expect(codeOf(await unpack(await pack(text), text.length - 1))).toBe("BLOCK_TOO_LARGE");
    expect(codeOf(await unpack(await pack(noise), noise.length - 1))).toBe("BLOCK_TOO_LARGE");
    // 10 MB of zeros in 10 KB, told truly, and told as less than they are.
    const zeros = new Uint8Array(10_000_000);
    expect(codeOf(await unpack(lie(zeros, zeros.length), zeros.length))).toBe("BLOCK_TOO_LARGE");
    expect(codeOf(await unpack(lie(zeros, 100_000), MAX))).toBe("BLOCK_MALFORMED");
  });

  it("are refused with a code when they are no blocks", async () => {
    expect(codeOf(await unpack(new Uint8Array(0), MAX))).toBe("BLOCK_MALFORMED");
    expect(codeOf(await unpack(Uint8Array.of(1), MAX))).toBe("BLOCK_MALFORMED");
    expect(codeOf(await unpack(lie(text, text.length + 1), MAX))).toBe("BLOCK_MALFORMED");
    expect(codeOf(await unpack((await pack(text)).subarray(0, 40), MAX))).toBe("BLOCK_MALFORMED");
    expect(codeOf(await unpack(Uint8Array.of(7, 1, 1), MAX))).toBe("BLOCK_UNSUPPORTED");
  });

  it("never unfold to more than they may, whatever the damage", async () => {
    const corpus = [await pack(text), await pack(noise), await pack(text.subarray(0, 50))];
    const random = createPrng(92);
    for (let input = 0; input < 500; input++) {
      const bytes = mutate(random, corpus);
      const unpacked = await unpack(bytes, text.length);
      if (unpacked.ok) expect(unpacked.value.length).toBeLessThanOrEqual(text.length);
    }
  });
});

describe("a block", () => {
  it("is the same for every port to read, and holds the bytes as they are where there is none", async () => {
    expect(codeOf(await unpackBlockAsync(packBlock(text, zlibCompression), MAX, platform))).toBe("ok");
    expect(codeOf(unpackBlock(await packBlockAsync(text, platform), MAX, zlibCompression))).toBe("ok");
    expect(bytesToHex(packBlock(text).subarray(1))).toBe(bytesToHex(text));
    expect(codeOf(unpackBlock(packBlock(text), MAX))).toBe("ok");
    expect(codeOf(unpackBlock(packBlock(text, zlibCompression), MAX))).toBe("BLOCK_UNSUPPORTED");
  });

  it("is packed by threshold and level, and not beyond the ratio that is unpacked", () => {
    expect(packBlock(text, zlibCompression, { thresholdBytes: text.length + 1 })[0]).toBe(0);
    expect(packBlock(text, zlibCompression, { thresholdBytes: text.length })[0]).toBe(1);
    const mixed = new TextEncoder().encode(Array.from({ length: 2000 }, (_, i) => `line ${(i * 7919) % 2000}`).join());
    const sizes = [1, 9].map((level) => packBlock(mixed, zlibCompression, { level }).length);
    expect(sizes[1]).toBeLessThan(sizes[0] as number);
    const zeros = new Uint8Array(BLOCK_RATIO_MAX * 4096);
    expect(packBlock(zeros, zlibCompression, { level: 9 })[0]).toBe(0);
  });
});
