import { simulate } from "@dunlin/sdk/testing";
import { expect, it } from "vitest";

const APP = new URL("app.ts", import.meta.url);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it("has the names everywhere, and fetches a content when it is first read", async () => {
  await using sim = await simulate(APP, { nodes: 3 });
  const [ann, ben, cia] = [sim.node(0), sim.node(1), sim.node(2)];
  const id = await ann.call<string>("write", { name: "notes.txt", content: "The quick brown fox" });
  await sim.converge();
  await sim.advance(2_000);
  expect(await ben.call("list")).toMatchObject([{ id, name: "notes.txt", size: 19, preview: "The quick brown fox" }]);
  expect(await cia.call("read", { id, start: 4, end: 9 })).toEqual(bytes("quick"));
  await ben.call("append", { id, content: " jumps" });
  await sim.converge();
  ben.crash();
  sim.partition([0, 2], [1]);
  // Whoever has it gives it, and nobody else is needed.
  await expect(cia.call("read", { id })).rejects.toMatchObject({ applicationCode: "BLOB_NOT_FOUND" });
  await ben.restart();
  sim.heal();
  await sim.advance(5_000);
  expect(await cia.call("read", { id })).toEqual(bytes("The quick brown fox jumps"));
  expect(await ann.call("history")).toEqual([{ by: ann.member, what: "wrote", name: "notes.txt" }]);
});

it("takes nothing that is not there, and lets go of what no file refers to", async () => {
  await using sim = await simulate(APP, { nodes: 2 });
  const [ann, ben] = [sim.node(0), sim.node(1)];
  const nowhere = ann.member;
  await expect(ann.call("add", { name: "x", blob: nowhere })).rejects.toMatchObject({
    applicationCode: "BLOB_UNKNOWN",
  });
  await expect(ann.call("add", { name: "x", blob: "no id" })).rejects.toMatchObject({
    applicationCode: "BLOB_INVALID",
  });
  const uploaded = await ann.upload(bytes("content"));
  const id = await ann.call<string>("add", { name: "a", blob: uploaded });
  await sim.converge();
  expect(await ben.call("read", { id })).toEqual(bytes("content"));
  await sim.advance(5_000);
  expect([await ann.blobs(), await ben.blobs()]).toMatchObject([[{ size: 7 }], [{ size: 7 }]]);
  await ben.call("remove", { id });
  await sim.converge();
  await sim.advance(5_000);
  expect([await ann.blobs(), await ben.blobs()]).toEqual([[], []]);
});
