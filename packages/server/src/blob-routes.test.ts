import { bytesToHex } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTestServer, type TestServer, TOKEN } from "./testing/open-test-server.ts";

const BYTES = new Uint8Array(100).map((_, at) => at);
let test: TestServer;
let id: string;

beforeAll(async () => {
  test = await openTestServer();
  const put = await send("PUT", "/admin-api/blobs", BYTES);
  id = ((await put.json()) as { data: { blob_id: string } }).data.blob_id;
});
afterAll(() => test[Symbol.asyncDispose]());

function send(method: string, path: string, body?: Uint8Array, headers: Record<string, string> = {}) {
  const all = { Authorization: `Bearer ${TOKEN}`, ...headers };
  return fetch(test.server.url + path, { method, headers: all, ...(body && { body: Buffer.from(body) }) });
}

const content = async (range: string) => {
  const answer = await send("GET", `/admin-api/blobs/${id}`, undefined, { Range: range });
  return {
    status: answer.status,
    range: answer.headers.get("content-range"),
    bytes: [...new Uint8Array(await answer.arrayBuffer())],
  };
};

describe("the routes of blobs", () => {
  it("take a body of any type, whatever its length, and name it", async () => {
    for (const type of ["application/octet-stream", "image/png", "application/json", "text/html"]) {
      const put = await send("PUT", "/admin-api/blobs", BYTES, { "Content-Type": type });
      expect([put.status, await put.json()]).toEqual([200, { data: { blob_id: id, size: 100 } }]);
    }
    const large = await send("PUT", "/admin-api/blobs", new Uint8Array(3_000_000));
    expect(((await large.json()) as { data: { size: number } }).data.size).toBe(3_000_000);
    const empty = await send("PUT", "/admin-api/blobs");
    expect(((await empty.json()) as { data: { size: number } }).data.size).toBe(0);
    const listed = await send("GET", "/admin-api/blobs");
    expect(((await listed.json()) as { data: { blobs: unknown[] } }).data.blobs).toHaveLength(3);
  });

  it("give it back as bytes that nobody runs", async () => {
    const answer = await send("GET", `/admin-api/blobs/${id}`);
    expect(new Uint8Array(await answer.arrayBuffer())).toEqual(BYTES);
    const hash = bytesToHex(createCrypto().sha256(BYTES));
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "content-length": "100",
      "content-type": "application/octet-stream",
      "content-disposition": "attachment",
      "x-content-type-options": "nosniff",
      "x-blob-id": id,
      "x-blob-hash": hash,
      etag: `"${hash}"`,
    });
    const head = await send("HEAD", `/admin-api/blobs/${id}`);
    expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "100", ""]);
  });

  it("give a range of it", async () => {
    expect(await content("bytes=10-12")).toEqual({ status: 206, range: "bytes 10-12/100", bytes: [10, 11, 12] });
    expect(await content("bytes=98-")).toEqual({ status: 206, range: "bytes 98-99/100", bytes: [98, 99] });
    expect(await content("bytes=-2")).toEqual({ status: 206, range: "bytes 98-99/100", bytes: [98, 99] });
    expect(await content("bytes=98-500")).toMatchObject({ status: 206, bytes: [98, 99] });
    expect(await content("bytes=100-")).toEqual({ status: 416, range: "bytes */100", bytes: [] });
    for (const odd of ["bytes=5-2", "bytes=-", "lines=1-2", "bytes=1-2,4-5", `bytes=${"9".repeat(16)}-`]) {
      expect(await content(odd)).toMatchObject({ status: 200, range: null });
    }
  });

  it("refuse what is not what was said, and what is not there", async () => {
    const code = async (answer: Response) => [answer.status, ((await answer.json()) as { code: string }).code];
    const other = id.replace(/.$/, (last) => (last === "2" ? "3" : "2"));
    expect(await code(await send("PUT", `/admin-api/blobs?hash=${other}`, BYTES))).toEqual([400, "BLOB_MISMATCH"]);
    expect(await code(await send("PUT", "/admin-api/blobs?hash=../x", BYTES))).toEqual([400, "PARAMS_INVALID"]);
    expect(await code(await send("GET", "/admin-api/blobs/..%2f..%2fnode.key"))).toEqual([400, "PARAMS_INVALID"]);
    expect(await code(await send("GET", `/admin-api/blobs/${other}`))).toEqual([404, "BLOB_NOT_FOUND"]);
    expect(await code(await send("POST", `/admin-api/blobs/${id}`))).toEqual([405, "VERB_REFUSED"]);
    expect((await send("HEAD", `/admin-api/blobs/${other}`)).status).toBe(404);
  });

  it("delete it", async () => {
    const removed = await send("DELETE", `/admin-api/blobs/${id}`);
    expect(await removed.json()).toEqual({ blob_id: id, deleted: true });
    expect((await send("GET", `/admin-api/blobs/${id}`)).status).toBe(404);
  });
});
