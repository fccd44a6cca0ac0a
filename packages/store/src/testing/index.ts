export {
  keyValueStoreSuite,
  type StoreSuiteOptions,
  type StoreUnderTest,
  type TestFunctions,
} from "./key-value-store-suite.ts";
