export type { Permission } from "./route.ts";
export { openServer, type Server, type ServerOptions } from "./server.ts";
export { ServerFailure, type ServerFailureCode } from "./server-failure.ts";
