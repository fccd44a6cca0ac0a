/** The process behind the `dunlin` command. */
import { main } from "./cli.ts";

// A reader that has enough (`dunlin watch ... | head`) ends the command, and is no error.
process.stdout.on("error", () => process.exit());

const code = await main(process.argv.slice(2), {
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  colours: process.stdout.isTTY === true && !process.env["NO_COLOR"],
  env: process.env,
  clock: { now: () => Date.now() },
  // Loaded when a node is started, so that the other commands start at once.
  openNode: async (options) => (await import("@dunlin/node")).openNode(options),
  untilStopped: () =>
    new Promise((resolve) => {
      // Once: a second signal ends the process at once, in the way of the system.
      for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => resolve());
    }),
});

// All that a command opened is closed by now; what may still tick for a second are timers of the network's library.
await Promise.all(
  [process.stdout, process.stderr].map((stream) => new Promise((resolve) => stream.write("", resolve))),
);
process.exit(code);
