import { err, idToText } from "@dunlin/core/base";
import { describe, expect, it } from "vitest";
import {
  contextToWire,
  ERROR_MAPPINGS,
  EXIT,
  errorMapping,
  eventToWire,
  executeParams,
  inviteBody,
  isApiErrorCode,
  readRpcRequest,
  requestId,
  rpcError,
  subscribeParams,
} from "./index.ts";

const ID = idToText(new Uint8Array(32).fill(7));

describe("the table of errors", () => {
  it("maps a code of no table, and a name of Object.prototype, to a defect", () => {
    for (const code of ["NO_SUCH_CODE", "constructor", "__proto__", ""]) {
      expect(errorMapping(code)).toEqual({ type: "InternalError", status: 500, exit: EXIT.internal });
      expect(isApiErrorCode(code)).toBe(false);
    }
  });

  it("never maps a failure to success", () => {
    for (const { status, exit } of Object.values(ERROR_MAPPINGS)) {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(exit).not.toBe(EXIT.ok);
    }
  });

  it("speaks the words of the 0.10 server, with code and message beside them", () => {
    expect(rpcError({ code: "CONTEXT_NOT_FOUND", message: "m" })).toEqual({
      type: "ContextNotFound",
      code: "CONTEXT_NOT_FOUND",
      message: "m",
    });
    expect(rpcError({ code: "APPLICATION_ERROR", message: "boom" }).data).toBe("boom");
    expect(rpcError({ code: "NOT_A_MEMBER", message: "m" }, { contextId: "c", executor: "e" }).data).toEqual({
      context_id: "c",
      public_key: "e",
    });
  });
});

describe("shapes", () => {
  it("rebuild objects with the known fields alone, and name the field that is wrong", () => {
    expect(executeParams({ contextId: ID, method: "m", argsJson: { a: 1 }, more: 1 }, "params")).toEqual({
      ok: true,
      value: { contextId: ID, method: "m", argsJson: { a: 1 }, executorPublicKey: undefined },
    });
    const wrong: [unknown, string][] = [
      [null, "params must be an object"],
      [{ method: "m" }, "params.contextId must be an id: 32 bytes in base58"],
      [{ contextId: `${ID}1`, method: "m" }, "params.contextId must be an id: 32 bytes in base58"],
      [{ contextId: ID, method: "" }, "params.method must be a string of 1 to 256 characters"],
      [
        { contextId: ID, method: "m", executorPublicKey: 3 },
        "params.executorPublicKey must be an id: 32 bytes in base58",
      ],
    ];
    for (const [value, message] of wrong) {
      expect(executeParams(value, "params")).toEqual(err("PARAMS_INVALID", message));
    }
  });

  it("bound lists, integers and choices", () => {
    expect(subscribeParams({ contextIds: new Array(257).fill(ID) }, "params").ok).toBe(false);
    expect(subscribeParams({ contextIds: [ID, 1] }, "params")).toEqual(
      err("PARAMS_INVALID", "params.contextIds[1] must be an id: 32 bytes in base58"),
    );
    const invite = { contextId: ID, inviteeId: ID };
    expect(inviteBody({ ...invite, role: null }, "").ok).toBe(true);
    expect(inviteBody({ ...invite, role: "owner" }, "").ok).toBe(false);
    expect(inviteBody({ ...invite, validForMs: 0 }, "").ok).toBe(false);
    expect(inviteBody({ ...invite, validForMs: 1.5 }, "").ok).toBe(false);
  });
});

describe("the envelope", () => {
  it("keeps an id that can be echoed exactly, and refuses the others", () => {
    for (const id of [0, -1, 1.5, "a", "", null])
      expect(readRpcRequest({ id, method: "x" })).toMatchObject({ ok: true, value: { id } });
    for (const id of [{}, [], true, 2 ** 53 + 2, "x".repeat(129)])
      expect(readRpcRequest({ id, method: "x" }).ok).toBe(false);
    expect(requestId("text")).toBeNull();
  });

  it("refuses batches and a method that is no string", () => {
    expect(readRpcRequest([{ id: 1, method: "execute" }]).ok).toBe(false);
    expect(readRpcRequest({ id: 1, method: 3 }).ok).toBe(false);
    expect(readRpcRequest(null).ok).toBe(false);
  });
});

describe("wire forms", () => {
  it("give event data as byte numbers of UTF-8, and no handler", () => {
    const wire = eventToWire({
      contextId: ID,
      sequence: 4,
      newRoot: ID,
      local: false,
      deltas: [ID],
      events: [{ kind: "Put", data: '"é"', handler: "on_put" }],
    });
    expect(wire.data.events).toEqual([{ kind: "Put", data: [0x22, 0xc3, 0xa9, 0x22], handler: null }]);
    expect(wire).toMatchObject({ contextId: ID, type: "StateMutation", data: { newRoot: ID, sequence: 4 } });
  });

  it("give heads both as text and as 32 numbers", () => {
    const wire = contextToWire({
      id: ID,
      applicationId: ID,
      rootHash: ID,
      heads: [ID],
      deltas: 1,
      pending: 0,
      members: [],
    });
    expect(wire.dagHeads).toEqual([new Array(32).fill(7)]);
    expect(wire.heads).toEqual([ID]);
  });
});
