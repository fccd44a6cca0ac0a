/** Routes of events: handlers that failed too often, to be looked at, run again or given up. */
import { id, type NodeService, settleDeadLetterBody } from "@dunlin/api";
import { ok } from "@dunlin/core/base";
import type { Route } from "./route.ts";

export function createEventRoutes(service: NodeService): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/admin-api/contexts/:id/dead-letters",
      permission: "read",
      async answer(call) {
        const contextId = id(call.id, "id");
        const letters = contextId.ok ? await service.deadLetters(contextId.value) : contextId;
        return letters.ok ? ok({ data: { deadLetters: letters.value } }) : letters;
      },
    },
    {
      method: "POST",
      path: "/admin-api/dead-letters",
      permission: "write",
      async answer({ body }) {
        const request = settleDeadLetterBody(body, "body");
        const settled = request.ok ? await service.settleDeadLetter(request.value) : request;
        return settled.ok ? ok({ data: settled.value }) : settled;
      },
    },
  ];
}
