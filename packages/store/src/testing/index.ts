export { keyValueStoreSuite, type StoreSuiteOptions, type TestFunctions } from "./key-value-store-suite.ts";
export type { StoreAbility, StoreUnderTest } from "./store-case.ts";
