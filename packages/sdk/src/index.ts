export {
  type Application,
  app,
  type Definition,
  type HandlerPolicy,
  type MutationContext,
  type Payload,
  payload,
  type QueryContext,
  type ReadState,
  type WriteState,
} from "./app.ts";
export { type Counter, type CounterField, counter, type ReadonlyCounter } from "./counter.ts";
export type { Field } from "./field.ts";
export {
  type ContainerMap,
  map,
  type ReadonlyContainerMap,
  type ReadonlyValueMap,
  type ValueMap,
} from "./map.ts";
export { type ReadonlyRegister, type Register, type RegisterField, register } from "./register.ts";
export { type Elements, type ReadonlyElements, type SetField, set } from "./set.ts";
export { type ReadonlyText, type Text, type TextField, text } from "./text.ts";
export type { Value } from "./value.ts";
