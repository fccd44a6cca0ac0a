/**
 * Work that is asked for more often than it is worth doing, such as reading what a stream of events has changed.
 *
 * Invariant: one run at a time, `intervalMs` between their ends and starts, and always one after the last request. A
 * run is given the names that were asked for since the run before.
 */
export function gather(run, intervalMs) {
  let names = new Set();
  let isDue = false;
  let isRunning = false;

  async function pump() {
    if (isRunning) return;
    isRunning = true;
    while (isDue) {
      const asked = names;
      names = new Set();
      isDue = false;
      await run(asked);
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
    isRunning = false;
  }

  return (name) => {
    if (name !== undefined) names.add(name);
    isDue = true;
    void pump();
  };
}
