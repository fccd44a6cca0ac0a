export { consoleLog, systemClock, systemRandom, systemScheduler } from "./default-ports.ts";
