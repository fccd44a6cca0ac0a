/** The types of container, and the tag of each in cell keys, references and joins. Tags are for ever. */
export type ContainerType = keyof typeof CONTAINER_TAGS;

export const CONTAINER_TAGS = {
  register: 1,
  map: 2,
  counter: 3,
  set: 4,
  text: 5,
  tree: 28,
} as const;

export const CONTAINER_TYPES: readonly ContainerType[] = Object.keys(CONTAINER_TAGS) as ContainerType[];

const TYPES_BY_TAG: readonly (ContainerType | undefined)[] = createTypesByTag();

export function tagToContainerType(tag: number): ContainerType | undefined {
  return TYPES_BY_TAG[tag];
}

function createTypesByTag(): (ContainerType | undefined)[] {
  const types = new Array<ContainerType | undefined>(Math.max(...Object.values(CONTAINER_TAGS)) + 1).fill(undefined);
  for (const type of CONTAINER_TYPES) types[CONTAINER_TAGS[type]] = type;
  return types;
}
