/** The types of container, and the tag of each in cell keys, references and joins. Tags are for ever. */
export type ContainerType = "register" | "map" | "counter" | "set" | "text" | "records";

export const CONTAINER_TAGS: { readonly [T in ContainerType]: number } = {
  register: 1,
  map: 2,
  counter: 3,
  set: 4,
  text: 5,
  records: 6,
};

const TYPES_BY_TAG: readonly (ContainerType | undefined)[] = [
  undefined,
  "register",
  "map",
  "counter",
  "set",
  "text",
  "records",
];

export const CONTAINER_TYPES: readonly ContainerType[] = ["register", "map", "counter", "set", "text", "records"];

export function tagToContainerType(tag: number): ContainerType | undefined {
  return TYPES_BY_TAG[tag];
}
