export { openRelay, type Relay, type RelayOptions } from "./relay.ts";
