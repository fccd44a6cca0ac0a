import { SYNC_PRESETS } from "@dunlin/api";
import { DEFAULT_SYNC_SETTINGS } from "@dunlin/core/sync";
import { expect, it } from "vitest";

it("the medium preset is what a database without a configuration has", () => {
  expect(SYNC_PRESETS.medium).toEqual(DEFAULT_SYNC_SETTINGS);
});
