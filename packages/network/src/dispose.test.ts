import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { openTestNode, type TestNode } from "./testing/index.ts";

const DEADLINE_MS = 30_000;
const HOOK = new URL("./testing/typescript-hook.fixture.mjs", import.meta.url).href;
const SCRIPT = fileURLToPath(new URL("./testing/open-and-dispose.fixture.ts", import.meta.url));
const REGISTER = `data:text/javascript,import{register}from"node:module";register(${JSON.stringify(HOOK)})`;

/** The exit code, null when it had to be killed, and all that it wrote. */
async function runChild(...args: readonly string[]): Promise<readonly [number | null, string]> {
  const child = spawn(process.execPath, ["--conditions=x-source", "--import", REGISTER, SCRIPT, ...args]);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += String(chunk);
    });
  }
  const deadline = setTimeout(() => child.kill("SIGKILL"), DEADLINE_MS);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(deadline);
  return [code, output];
}

it("leaves no timer, socket or handle: a process that disposes of its network ends by itself", async () => {
  const peer: TestNode = await openTestNode({ number: 1 });
  const nobody = peer.address.replace(/tcp\/.*/, "tcp/1/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA");
  const [code, output] = await runChild(peer.address, nobody);
  await peer[Symbol.asyncDispose]();
  expect(output).toBe("disposed after 2 events\n");
  expect(code).toBe(0);
  expect(peer.frames()).toEqual([Uint8Array.of(1)]);
});
