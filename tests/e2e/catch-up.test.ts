/** A node that was away comes back to thousands of deltas. */
import { expect, it } from "vitest";
import { audit, converged, install, joinContext, openCluster, shareContext } from "./support/cluster.ts";
import { joinAsRogue, unwrap } from "./support/rogue.ts";
import { until } from "./support/until.ts";

const DELTAS = 5000;

it(`a node that was offline catches up with ${DELTAS} deltas`, async () => {
  await using cluster = openCluster();
  const [a, b] = await Promise.all([cluster.start("a"), cluster.start("b")]);
  const contextId = await shareContext(await install(a, b), a);
  await joinContext(contextId, a, b);
  await b.stop();

  // An honest member that flushes to memory, since a flush to disk for each delta would take most of the time.
  await using writer = await joinAsRogue(a, contextId);
  for (let i = 0; i < DELTAS; i++) {
    unwrap(
      await writer.replica.call((transaction) => {
        transaction.field("counter", "hits").add(1);
        return { ok: true, value: null, events: [] };
      }),
    );
  }
  const { count } = writer.replica.flushed;
  expect(count).toBeGreaterThan(DELTAS);
  await until("a holds them", async () => {
    writer.engine.tick();
    return (await a.context(contextId)).deltas === count;
  });

  const again = await cluster.start("b");
  await converged(contextId, [a, again], 30_000);
  expect(await again.call(contextId, "value")).toBe(DELTAS);
  await until("it says so", async () => {
    const { contexts } = await again.status();
    return contexts[0]?.syncs.find(({ state }) => state === "in sync");
  });
  expect((await again.context(contextId)).pending).toBe(0);
  expect((await again.stop()).code).toBe(0);
  expect((await audit(again.home, contextId)).deltas).toBe(count);
});
