/** The types of container, and the tag of each in cell keys, references and joins. Tags are for ever. */
export type ContainerType =
  | "register"
  | "map"
  | "counter"
  | "set"
  | "text"
  | "records"
  | "first-register"
  | "multi-register"
  | "remove-wins-set"
  | "grow-counter"
  | "user-entries"
  | "frozen-entries"
  | "tree"
  | "list"
  | "graph"
  | "remove-wins-graph"
  | "marks"
  | "log";

export const CONTAINER_TAGS: { readonly [T in ContainerType]: number } = {
  register: 1,
  map: 2,
  counter: 3,
  set: 4,
  text: 5,
  records: 6,
  "first-register": 16,
  "multi-register": 17,
  "remove-wins-set": 18,
  "grow-counter": 19,
  "user-entries": 20,
  "frozen-entries": 21,
  tree: 28,
  list: 24,
  graph: 29,
  "remove-wins-graph": 30,
  marks: 25,
  log: 26,
};

export const CONTAINER_TYPES: readonly ContainerType[] = Object.keys(CONTAINER_TAGS) as ContainerType[];

const TYPES_BY_TAG: readonly (ContainerType | undefined)[] = typesByTag();

export function tagToContainerType(tag: number): ContainerType | undefined {
  return TYPES_BY_TAG[tag];
}

function typesByTag(): (ContainerType | undefined)[] {
  const types = new Array<ContainerType | undefined>(1 + Math.max(...Object.values(CONTAINER_TAGS)));
  for (const type of CONTAINER_TYPES) types[CONTAINER_TAGS[type]] = type;
  return types;
}
