/** The member whose key the peer of a session has proved, and whether it belongs here in this node's view. */
import { idKey, type PublicKey } from "../base/index.ts";
import type { Replica } from "../replica/index.ts";

export interface PeerMemberPorts {
  readonly replica: Replica;
  /** True for a member that is trusted before the context's access log is here: the redeemer of our invitation. */
  readonly trusts: (member: PublicKey) => boolean;
}

export class PeerMember {
  readonly #ports: PeerMemberPorts;
  #key: PublicKey | undefined;
  #isLeaving = false;

  constructor(ports: PeerMemberPorts) {
    this.#ports = ports;
  }

  /** Undefined before it has proved one. */
  get key(): PublicKey | undefined {
    return this.#key;
  }

  proved(key: PublicKey): void {
    this.#key = key;
  }

  /** A member who was removed is served no more. Who redeems is trusted until the log says who belongs here. */
  get mayStay(): boolean {
    const { replica, trusts } = this.#ports;
    if (this.#key === undefined) return false;
    if (replica.roleOf(this.#key)) return true;
    return replica.roleOf(replica.member) === undefined && trusts(this.#key);
  }

  /** At the second look, so that what took the membership away has gone out to the peer first. */
  hasToLeave(): boolean {
    const { mayStay } = this;
    const isDue = this.#isLeaving && !mayStay;
    this.#isLeaving = !mayStay && !isDue;
    return isDue;
  }

  /** Whether it writes as this actor. */
  isAuthor(actorKey: string): boolean {
    const member = this.#ports.replica.memberOf(actorKey);
    return member !== undefined && this.is(member);
  }

  is(member: PublicKey): boolean {
    return this.#key !== undefined && idKey(this.#key) === idKey(member);
  }
}
