/** The state of one replica for tests: the real document, a transaction for each mutation. */
import { actorId, type PublicKey, publicKey, type Stamp } from "@dunlin/core/base";
import { type CellSource, Document } from "@dunlin/core/crdt";
import type { CallOutcome, CallRequest } from "../call.ts";
import type { Engine } from "../engine.ts";

export const TEST_MEMBER: PublicKey = publicKey(new Uint8Array(32).fill(1));

const NO_CELLS: CellSource = { get: () => undefined, range: () => [] };

export class TestState {
  readonly document: Document;
  #calls = 0;

  constructor(source: CellSource = NO_CELLS) {
    this.document = new Document(source);
  }

  /** Runs a call; what a mutation wrote stays if it succeeds. */
  call(engine: Engine, request: CallRequest): CallOutcome {
    const writes = request.kind === "migration" || engine.description.mutations.includes(request.method);
    if (!writes) return engine.call(request, this.document);
    const stamp = (++this.#calls * 2048) as Stamp;
    const actor = actorId(new Uint8Array(16).fill(1));
    const transaction = this.document.begin({ stamp, actor, member: TEST_MEMBER });
    try {
      const outcome = engine.call(request, transaction);
      if (outcome.ok) transaction.commit();
      return outcome;
    } finally {
      transaction.rollback();
    }
  }
}
