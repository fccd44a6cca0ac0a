/** Preloaded into each node's process: ends it when the demonstration that started it has gone, however that ended. */
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
// The listener alone would keep the process running after the node has stopped.
process.channel?.unref();
