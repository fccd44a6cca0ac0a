/**
 * Who belongs to the context in the end, as far as the plan alone says. Nothing is ever said against the founder, so what
 * it holds counts; of everybody else this knows whether something may have taken a right from them.
 */
import type { Statement } from "@dunlin/core/access";
import { createPrng, idKey, type PublicKey } from "@dunlin/core/base";
import type { SimNode } from "./node.ts";
import type { Role, Saying } from "./plan.ts";
import type { ViolationId } from "./violation.ts";

const WRITER_RANK = 2;
const NONCE_BYTES = 16;

export class Membership {
  readonly #nodes: readonly SimNode[];
  /** Of whom somebody said that they are out, or less than they were. */
  readonly #touched = new Set<number>();

  /** Who was let in to write, or was told to be a writer, whether that counts or not. */
  readonly #writers = new Set<string>();

  constructor(nodes: readonly SimNode[]) {
    this.#nodes = nodes;
  }

  /** Something was said, which may count or not. */
  note(saying: Saying, by: SimNode): void {
    if (saying.kind !== "add" && by.isUp) this.#touched.add(saying.member);
    if (saying.kind !== "remove") this.mayBe(saying.member, saying.role);
  }

  /** Somebody is to be let in as this. */
  mayBe(node: number, role: Role): void {
    const member = this.#nodes[node]?.signer.publicKey;
    if (member && role !== "reader") this.#writers.add(idKey(member));
  }

  /** The founder, and whoever may have been given the right to. */
  mayEverWrite(member: string): boolean {
    const [founder] = this.#nodes;
    return this.#writers.has(member) || (founder !== undefined && idKey(founder.signer.publicKey) === member);
  }

  get isAnyTouched(): boolean {
    return this.#touched.size > 0;
  }

  /** Whether it may have lost a right; who lets others in never does. */
  mayHaveLost(node: number): boolean {
    return this.#touched.has(node);
  }

  /**
   * Honest nodes that must end in one state: members, but those who may only read and may have written: what a member
   * wrote before it learned that it may not is not taken back at its own node.
   */
  agreeing(): ReadonlySet<number> {
    const agreeing = new Set<number>();
    for (const node of this.#nodes) {
      const rank = this.#rankOf(node);
      if (!node.traitor && rank > 0 && (rank >= WRITER_RANK || !this.mayHaveLost(node.index))) agreeing.add(node.index);
    }
    return agreeing;
  }

  /** What is wrong with who belongs here. */
  fault(): { readonly id: ViolationId; readonly message: string } | undefined {
    for (const node of this.#nodes) {
      if (node.traitor || !node.isJoined || this.mayHaveLost(node.index)) continue;
      if (this.#rankOf(node) === 0) {
        return { id: "MEMBERSHIP", message: `node ${node.index} is no member, and nobody said so` };
      }
    }
    return undefined;
  }

  #rankOf(node: SimNode): number {
    return this.#nodes[0]?.replica?.access().rankByMember.get(idKey(node.signer.publicKey)) ?? 0;
  }
}

export function statementOf(saying: Saying, member: PublicKey, seed: number): Statement {
  if (saying.kind === "remove") return { kind: "remove", member };
  if (saying.kind === "role") return { kind: "role", member, role: saying.role };
  return { kind: "add", member, role: saying.role, nonce: createPrng(seed).bytes(NONCE_BYTES) };
}
