/** `dunlin backup` and `dunlin restore`: a home as one folder that can be kept elsewhere, and back. No node is asked. */
import { resolve } from "node:path";
import type { BackupProgress, Manifest } from "@dunlin/node/upkeep";
import type { Call, Command, Outcome } from "../command.ts";
import { unwrap } from "../failure.ts";
import { valueAt } from "../fields.ts";
import { PROGRESS_INTERVAL_MS } from "../limits.ts";

export const backup: Command = {
  name: "backup",
  args: ["FOLDER"],
  summary: "back up the home to a new folder, with its secret keys; the node may run and write meanwhile",
  options: {},
  async run(call) {
    const [{ backUp }, { VERSION }] = await Promise.all([import("@dunlin/node/upkeep"), import("@dunlin/node")]);
    const target = resolve(valueAt(call.args, 0));
    const nowMs = call.ports.clock.now();
    const options = { home: call.home, target, version: VERSION, nowMs, onProgress: progressOf(call) };
    return told(unwrap(await backUp(options)), target);
  },
};

export const restore: Command = {
  name: "restore",
  args: ["FOLDER"],
  summary: "make the home from a backup; it must not be there or be empty",
  options: {},
  async run(call) {
    const { restore: restoreHome } = await import("@dunlin/node/upkeep");
    const source = resolve(valueAt(call.args, 0));
    return told(
      unwrap(await restoreHome({ backup: source, home: call.home, onProgress: progressOf(call) })),
      call.home,
    );
  },
};

function told({ files, missing, takenMs, program }: Manifest, folder: string): Outcome {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const takenAt = new Date(takenMs).toISOString();
  const lost = `${missing.length} chunks of blobs were missing or damaged in the home: ${missing.join(" ")}`;
  return {
    json: { folder, files: files.length, bytes, takenAt, program, missing },
    lines: [
      folder,
      `${files.length} files, ${bytes} bytes, as of ${takenAt}, taken by dunlin ${program}`,
      ...(missing.length > 0 ? [lost] : []),
    ],
  };
}

/** A line on standard error now and then. */
function progressOf({ ports, json }: Call): (progress: BackupProgress) => void {
  let toldMs = ports.clock.now();
  return (progress) => {
    const now = ports.clock.now();
    if (now < toldMs + PROGRESS_INTERVAL_MS) return;
    toldMs = now;
    ports.err(json ? JSON.stringify({ progress }) : `${progress.files} files, ${progress.bytes} bytes`);
  };
}
