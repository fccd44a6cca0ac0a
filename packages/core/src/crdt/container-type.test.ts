import { expect, it } from "vitest";
import { CONTAINER_TAGS, tagToContainerType } from "./container-type.ts";

it("a tag belongs to one type", () => {
  const tags = Object.entries(CONTAINER_TAGS);
  for (const [type, tag] of tags) expect(tagToContainerType(tag)).toBe(type);
  expect(tagToContainerType(0)).toBeUndefined();
  expect(tagToContainerType(127)).toBeUndefined();
});
