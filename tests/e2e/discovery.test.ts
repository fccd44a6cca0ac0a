/** Nodes that all moved at once find each other on the local network, here a namespace of the test's own. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("support/moved-nodes.mjs", import.meta.url));
const APPLICATION = fileURLToPath(new URL("applications/shared.ts", import.meta.url));
/** One interface that leads nowhere: what is sent to all on it comes back to this namespace, and to nobody else. */
const IN_NAMESPACE = [
  "ip link set lo up",
  "ip link add lan type veth peer name nowhere",
  "ip addr add 10.99.0.1/24 dev lan",
  "ip link set lan up",
  "ip link set nowhere up",
  "ip route add 224.0.0.0/4 dev lan",
].join(" && ");
const DEADLINE_MS = 90_000;

function inNamespace(command: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const script = `${IN_NAMESPACE} && exec "$@"`;
  const args = ["--map-root-user", "--net", "sh", "-c", script, "sh", ...command];
  const { status, stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8", timeout: DEADLINE_MS });
  return { status, out: stdout, err: stderr };
}

it("finds members that all came back at other addresses, by multicast DNS", ({ skip }) => {
  const can = inNamespace(["true"]);
  if (can.status !== 0) skip(`this machine allows no network namespace: ${can.err.trim()}`);
  const folder = mkdtempSync(join(tmpdir(), "dunlin-mdns-"));
  try {
    const { status, out, err } = inNamespace([process.execPath, SCRIPT, folder, APPLICATION]);
    expect(err).toBe("");
    expect({ status, out }).toEqual({ status: 0, out: "7" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
