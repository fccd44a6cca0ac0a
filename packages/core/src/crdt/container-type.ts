/** The types of container, and the tag of each in cell keys, references and joins. Tags are for ever. */
export type ContainerType = "register" | "map" | "counter" | "set" | "text" | "list";

export const CONTAINER_TAGS: { readonly [T in ContainerType]: number } = {
  register: 1,
  map: 2,
  counter: 3,
  set: 4,
  text: 5,
  list: 24,
};

export const CONTAINER_TYPES: readonly ContainerType[] = ["register", "map", "counter", "set", "text", "list"];

const TYPES_BY_TAG: ReadonlyMap<number, ContainerType> = new Map(
  CONTAINER_TYPES.map((type) => [CONTAINER_TAGS[type], type]),
);

export function tagToContainerType(tag: number): ContainerType | undefined {
  return TYPES_BY_TAG.get(tag);
}
