/** Two members in this process, over real sockets, not connected yet: one that has written, and one that has nothing. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Role } from "@dunlin/core/access";
import { applicationId } from "@dunlin/core/base";
import { createGenesis, type Replica } from "@dunlin/core/replica";
import { createMemoryStore } from "@dunlin/store/memory";
import { type Member, openMember } from "./member.ts";
import { crypto, random, signerOf } from "./ports.ts";

export interface Pair extends AsyncDisposable {
  /** In memory, so that what it wrote was written fast. */
  readonly author: Member;
  /** On LMDB. */
  readonly reader: Member;
  connect(): Promise<void>;
  /** Resolves when the reader has on disk what the author has. */
  even(): Promise<void>;
}

export interface PairOptions {
  readonly isSealed?: boolean;
  /** Of all but the author. */
  readonly role?: Role;
  /** As of `ReplicaOptions`, for the reader. */
  readonly joinsFrom?: number | undefined;
}

export async function openPair(members: number, options: PairOptions = {}): Promise<Pair> {
  const { isSealed = false, role = "writer", joinsFrom } = options;
  const folder = mkdtempSync(join(tmpdir(), "dunlin-pair-"));
  const application = applicationId(new Uint8Array(32));
  const genesis = createGenesis({ crypto, random }, signerOf(0), application, Date.now(), { isSealed });
  const shared = { folder, context: genesis.context, founder: signerOf(0).publicKey };
  let check = (): void => {};
  const author = await openMember({ ...shared, index: 0, store: createMemoryStore() }, () => check());
  const reader = await openMember({ ...shared, index: 1, joinsFrom }, () => check());
  author.replica.admit(genesis.bytes);
  await author.replica.settled();
  for (let index = 1; index < members; index++) await add(author.replica, index, role);
  return {
    author,
    reader,
    async connect() {
      const dialled = await reader.network.dial(author.network.addresses());
      if (!dialled.ok) throw new Error(dialled.error.message);
    },
    even: () =>
      new Promise((resolve) => {
        check = (): void => {
          const isJoining = reader.replica.checkpoints.joining.isOn;
          if (!isJoining && reader.replica.flushed.count === author.replica.flushed.count) resolve();
        };
        check();
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all([author.close(), reader.close()]);
      rmSync(folder, { recursive: true });
    },
  };
}

async function add(replica: Replica, index: number, role: Role): Promise<void> {
  const member = signerOf(index).publicKey;
  const added = await replica.declare({ kind: "add", member, role, nonce: new Uint8Array(16).fill(index) });
  if (!added.ok) throw new Error(added.error.message);
}
