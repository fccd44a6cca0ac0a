import { expect, it } from "vitest";
import { STORE_RETRY_FIRST_MS, STORE_RETRY_MAX_MS, STORE_STABLE_MS } from "./limits.ts";
import { StoreRetry } from "./store-retry.ts";

it("waits twice as long each time that the store fails soon, up to a limit, and begins anew when it held", () => {
  let now = 0;
  const retry = new StoreRetry(() => now);
  const waits = Array.from({ length: 8 }, () => {
    const waited = retry.onFailed("full");
    now += waited;
    retry.onOpened();
    return waited;
  });
  expect(waits.slice(0, 5)).toEqual([1, 2, 4, 8, 16].map((times) => times * STORE_RETRY_FIRST_MS));
  expect(waits.slice(5)).toEqual([STORE_RETRY_MAX_MS, STORE_RETRY_MAX_MS, STORE_RETRY_MAX_MS]);
  now += STORE_STABLE_MS + 1;
  expect(retry.onFailed("full")).toBe(STORE_RETRY_FIRST_MS);
});

it("has an answer for whoever asks until the store is open again, and a pause that can be ended", async () => {
  const retry = new StoreRetry(() => 0);
  expect(retry.failure).toBeUndefined();
  retry.onFailed("the disk is full");
  expect(retry.failure).toMatchObject({ code: "STORE_WRITE_FAILED" });
  const pause = retry.pause();
  retry.endPause();
  await pause;
  retry.onOpened();
  expect(retry.failure).toBeUndefined();
});
