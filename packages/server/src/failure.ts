/** What was thrown while answering, as a coded failure. What has no code is a defect: logged, and not shown. */
import { isApiErrorCode } from "@dunlin/api";
import type { Failure, Log } from "@dunlin/core/base";

/** Fastify's own refusals that a client can cause. */
const CODE_BY_FRAMEWORK_CODE: Readonly<Record<string, Failure>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: "BODY_TOO_LARGE", message: "the body is larger than 1 MiB" },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: "CONTENT_TYPE_REFUSED",
    message: "the body must be sent as application/json",
  },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: "JSON_MALFORMED", message: "the body is not as long as announced" },
  FST_ERR_BAD_URL: { code: "ROUTE_UNKNOWN", message: "no such route" },
  FST_ERR_MAX_PARAM_LENGTH: { code: "ROUTE_UNKNOWN", message: "no such route" },
};

/** Carries a coded refusal through the framework's error path. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  constructor(failure: Failure) {
    super(failure.message);
    this.code = failure.code;
  }
}

export function toFailure(error: unknown, log: Log): Failure {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  const known = typeof code === "string" ? CODE_BY_FRAMEWORK_CODE[code] : undefined;
  if (known !== undefined) return known;
  if (error instanceof Error && isApiErrorCode(code)) return { code, message: error.message };
  log.log("error", "server.defect", { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  return { code: "INTERNAL", message: "a defect of this node: see its log" };
}
