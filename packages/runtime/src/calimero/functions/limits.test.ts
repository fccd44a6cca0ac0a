import { createPrng } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import { fuzzInputs } from "../../../../../tools/fuzz.ts";
import { GuestScript } from "../../testing/guest-script.ts";
import { CONTEXT, guestHost, guestRequest } from "../../testing/guest-worlds.ts";
import { typeOf } from "../../testing/run-script.ts";
import { signatureOf } from "../host-function.ts";
import { HOST_FUNCTIONS } from "../imports.ts";
import type { GUEST_LIMITS_DEFAULT } from "../limits.ts";

describe("what a guest asks of the host", () => {
  it("refuses what is above a limit", () => {
    const repeated = (times: number, call: (s: GuestScript) => void): GuestScript => {
      const s = new GuestScript();
      for (let i = 0; i < times; i++) call(s);
      return s;
    };
    const cases: [string, GuestScript][] = [
      ["LogsOverflow", repeated(101, (g) => g.call("log_utf8", g.buffer("x")))],
      ["EventsOverflow", repeated(101, (g) => g.call("emit", g.buffers("k", "d")))],
      ["XCallsOverflow", repeated(101, (g) => g.call("xcall", g.buffers(CONTEXT, "m", "")))],
      ["TooManyBlobHandles", repeated(101, (g) => g.call("blob_create"))],
      ["InvalidMemoryAccess", repeated(101, (g) => g.call("context_delete", g.buffer(CONTEXT)))],
      ["InvalidMemoryAccess", repeated(101, (g) => g.call("approve_proposal", g.buffer(CONTEXT)))],
      ["InvalidMemoryAccess", repeated(2, (g) => g.call("commit", g.buffer(CONTEXT), g.buffer("a")))],
      ["InvalidMemoryAccess", registers(101)],
      ["LogLengthOverflow", one((g) => g.call("log_utf8", g.room(16 * 1024 + 1).buffer))],
      ["BadUTF8", one((g) => g.call("log_utf8", g.buffer(Uint8Array.of(0xff))))],
      ["EventKindSizeOverflow", one((g) => g.call("emit", g.buffers("k".repeat(101), "d")))],
      ["EventDataSizeOverflow", one((g) => g.call("emit", g.buffers("k", new Uint8Array(16 * 1024 + 1).fill(1))))],
      ["XCallFunctionSizeOverflow", one((g) => g.call("xcall", g.buffers(CONTEXT, "m".repeat(101), "")))],
      [
        "XCallParamsSizeOverflow",
        one((g) => g.call("xcall", g.buffers(CONTEXT, "m", new Uint8Array(16 * 1024 + 1).fill(1)))),
      ],
      ["KeyLengthOverflow", one((g) => g.call("storage_read", g.room(1025).buffer, 1))],
      ["InvalidMemoryAccess", one((g) => g.call("commit", g.buffer("short"), g.buffer("a")))],
      ["InvalidMemoryAccess", one((g) => g.call("xcall", g.buffers("short", "m", "")))],
    ];
    for (const [type, script] of cases) expect(typeOf(script), type).toBe(type);
    const lowered: [string, GuestScript, Partial<typeof GUEST_LIMITS_DEFAULT>][] = [
      [
        "ValueLengthOverflow",
        one((g) => g.call("storage_write", g.buffer("k"), g.room(101).buffer, 1)),
        { storageValueBytesMax: 100 },
      ],
      [
        "ValueLengthOverflow",
        one((g) => g.call("storage_write", g.buffer("k"), g.room(101).buffer, 1)),
        { writtenBytesMax: 100 },
      ],
      [
        "ValueLengthOverflow",
        one((g) => g.call("commit", g.buffer(CONTEXT), g.room(101).buffer)),
        { artifactBytesMax: 100 },
      ],
      ["ValueLengthOverflow", one((g) => g.call("value_return", BigInt(g.words(0, 0, 101)))), { returnBytesMax: 100 }],
      [
        "BlobWriteTooLarge",
        one((g) => g.call("blob_create").call("blob_write", 1n, g.room(101).buffer)),
        { blobChunkBytesMax: 100 },
      ],
      [
        "BlobWriteTooLarge",
        one((g) => {
          g.call("blob_create").call("blob_create").call("blob_write", 1n, g.room(60).buffer);
          return g.call("blob_write", 2n, g.room(60).buffer);
        }),
        { blobBytesMax: 100 },
      ],
      ["BlobBufferTooLarge", one((g) => g.call("blob_read", 1n, g.room(101).buffer)), { blobChunkBytesMax: 100 }],
      ["InvalidMemoryAccess", one((g) => g.call("context_id", 1)), { registerBytesMax: 31 }],
      ["InvalidMemoryAccess", one((g) => g.call("context_id", 1).call("context_id", 2)), { registersBytesMax: 79 }],
      ["OutOfFuel", one((g) => g.call("random_bytes", g.room(100_000).buffer)), { fuel: 10_000n }],
    ];
    for (const [type, script, limits] of lowered) expect(typeOf(script, limits), type).toBe(type);
  });

  it("ends with a coded failure whatever a guest names by its arguments, and never throws", () => {
    const prng = createPrng(20261130);
    const edges = ["0", "1", "65536", "131071", "131072", "4294967295", "-1", "-9223372036854775808"];
    const perFunction = Math.max(8, Math.min(500, Math.floor(fuzzInputs() / 8000)));
    for (const declared of HOST_FUNCTIONS) {
      const { params } = signatureOf(declared, "descriptor");
      const bodies = Array.from({ length: perFunction }, () => {
        const args = params.map(
          (type) => `(${type}.const ${prng.chance(0.7) ? prng.pick(edges) : prng.below(200_000)})`,
        );
        const called = `(call $${declared.name} ${args.map((a) => a.replace(/i32.const (4294967295|-9.*)\)/, "i32.const -1)")).join(" ")})`;
        return declared.result === undefined ? called : `(drop ${called})`;
      });
      const methods = bodies.map((body, index) => `(func (export "m${index}") ${body})`).join("\n");
      const { engine } = new GuestScript().build(methods);
      for (let i = 0; i < perFunction; i++) {
        const result = engine.call(guestRequest(`m${i}`), guestHost());
        if (!result.ok) expect(result.error.code).toMatch(/^(GUEST_TRAP|LIMIT_EXCEEDED|APPLICATION_ERROR|FUEL_LIMIT)$/);
      }
    }
  });
});

function one(make: (script: GuestScript) => GuestScript): GuestScript {
  return make(new GuestScript());
}

function registers(count: number): GuestScript {
  const s = new GuestScript();
  for (let i = 0; i < count; i++) s.call("context_id", i);
  return s;
}
