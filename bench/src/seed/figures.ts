/**
 * The 28 figures of the guide, with the same Rust code built and measured natively (x86-64, 2 virtual cores of a shared
 * machine, best median of six runs), in microseconds for the whole call. Ids are those of the original's benchmark file,
 * so that a line can be looked up there; `get` of its collection is an empty loop.
 */
export const FIGURES: readonly (readonly [id: string, guideUs: number, nativeUs: number])[] = [
  ["lww_register_creation/create/1", 1.05, 0.338],
  ["lww_register_creation/create/10", 12, 3.35],
  ["lww_register_creation/create/100", 113.5, 33.93],
  ["lww_register_creation/create/1000", 975.8, 338],
  ["lww_register_merge/merge/1", 0.0244, 0.0205],
  ["lww_register_merge/merge/10", 0.2882, 0.116],
  ["lww_register_merge/merge/100", 2.47, 1.02],
  ["lww_register_merge/merge/1000", 23.1, 9.9],
  ["gcounter_operations/increment/10", 0.1106, 0.116],
  ["gcounter_operations/increment/100", 1.26, 1.08],
  ["gcounter_operations/increment/1000", 11.7, 10.71],
  ["gcounter_operations/increment/10000", 119.8, 107],
  ["lww_map_operations/insert_operations/10", 1.63, 0.993],
  ["lww_map_operations/insert_operations/100", 13.6, 10.03],
  ["lww_map_operations/insert_operations/1000", 144.7, 105],
  ["lww_map_operations/insert_operations/10000", 1440, 1150],
  ["collection_operations/get/10", 0.00394, 0.0018],
  ["collection_operations/get/100", 0.0425, 0.0229],
  ["collection_operations/get/1000", 0.3827, 0.256],
  ["storage_operations/set/10", 2.99, 1.81],
  ["storage_operations/set/100", 235.5, 18.39],
  ["storage_operations/set/1000", 4290, 197],
  ["storage_operations/get/10", 0.4271, 0.357],
  ["storage_operations/get/100", 8.55, 3.93],
  ["storage_operations/get/1000", 541.8, 47.51],
  ["memory_usage/lww_register_memory", 9.53, 0.32],
  ["memory_usage/lww_map_memory", 130.2, 15.85],
  ["memory_usage/gcounter_memory", 15.9, 1.4],
];

/** What names say and the lines above do not do, as the original's own code does it: native, in microseconds. */
export const NAMED_NATIVE_US: Readonly<Record<string, number>> = {
  "collection get/10": 3.04,
  "collection get/100": 28.98,
  "collection get/1000": 293,
  "storage set/10": 3.07,
  "storage set/100": 32.53,
  "storage set/1000": 344,
  "storage get/10": 2.94,
  "storage get/100": 28.13,
  "storage get/1000": 286,
};
