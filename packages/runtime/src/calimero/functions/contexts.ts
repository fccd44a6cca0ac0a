/** Contexts, members, aliases, blobs, proposals and approvals. */
import { blobId, bytesEqual } from "@dunlin/core/base";
import type { Slice } from "../../wasm/guest-memory.ts";
import type { ContextChange, HostCall, ProposalChange } from "../host-call.ts";
import { act, type HostFunction, host } from "../host-function.ts";
import { ALIAS_BYTES_MAX } from "../limits.ts";
import { HostTrap, invalidMemoryAccess } from "../trap.ts";

const ID_BYTES = 32;
const PROTOCOL_BYTES_MAX = 64;

export const CONTEXT_FUNCTIONS: readonly HostFunction[] = [
  act("context_create", ["buffer", "buffer", "buffer", "optional"], (call, protocol, app, params, alias) => {
    const name = alias && aliasOf(call, alias);
    if (name !== undefined && call.local.world.hasContextAlias(name)) {
      throw new HostTrap("AliasAlreadyExists", `alias already exists: ${name}`);
    }
    if (protocol.length > PROTOCOL_BYTES_MAX || params.length > call.limits.returnBytesMax) invalidMemoryAccess();
    const application = call.fixed(app, ID_BYTES);
    change(call, {
      kind: "create",
      protocol: call.text(protocol),
      application,
      params: call.bytes(params),
      alias: name,
    });
  }),
  act("context_delete", ["buffer"], (call, context) =>
    change(call, { kind: "delete", context: call.fixed(context, ID_BYTES) }),
  ),
  act("context_add_member", ["buffer"], (call, member) =>
    change(call, { kind: "add-member", member: call.fixed(member, ID_BYTES) }),
  ),
  act("context_remove_member", ["buffer"], (call, member) =>
    change(call, { kind: "remove-member", member: call.fixed(member, ID_BYTES) }),
  ),
  host("context_is_member", ["buffer"], "i32", (call, member) => {
    const key = call.fixed(member, ID_BYTES);
    return call.local.world.members().some((other) => other.every((byte, index) => byte === key[index]));
  }),
  act("context_members", ["number"], (call, register) => {
    const members = call.local.world.members();
    const bytes = new Uint8Array(4 + ID_BYTES * members.length);
    new DataView(bytes.buffer).setUint32(0, members.length, true);
    for (const [index, member] of members.entries()) bytes.set(member, 4 + ID_BYTES * index);
    call.give(register, bytes);
  }),
  host("context_resolve_alias", ["buffer", "number"], "i32", (call, alias, register) => {
    const found = call.local.world.resolveAlias(aliasOf(call, alias));
    if (found) call.give(register, found.slice());
    return found !== undefined;
  }),
];

export const PROPOSAL_FUNCTIONS: readonly HostFunction[] = [
  act("send_proposal", ["buffer", "buffer"], (call, actions, into) => {
    if (into.length !== ID_BYTES) invalidMemoryAccess();
    if (actions.length > call.limits.eventDataBytesMax) invalidMemoryAccess();
    const id = call.random(ID_BYTES);
    call.memory.write(into, id);
    propose(call, { kind: "propose", id, actions: call.bytes(actions) });
  }),
  act("approve_proposal", ["buffer"], (call, proposal) =>
    propose(call, { kind: "approve", id: call.fixed(proposal, ID_BYTES) }),
  ),
];

export const BLOB_FUNCTIONS: readonly HostFunction[] = [
  host("blob_create", [], "i64", (call) => call.local.blobs.create()),
  host("blob_write", ["number", "buffer"], "i64", (call, handle, bytes) => {
    const { blobChunkBytesMax: max } = call.limits;
    if (bytes.length > max) {
      throw new HostTrap("BlobWriteTooLarge", `a write of ${bytes.length} bytes to a blob, of at most ${max}`);
    }
    call.local.blobs.write(handle, call.bytes(bytes));
    return BigInt(bytes.length);
  }),
  host("blob_close", ["number", "buffer"], "i32", (call, handle, into) => {
    if (into.length !== ID_BYTES) invalidMemoryAccess();
    call.memory.write(into, call.local.blobs.close(handle));
    return true;
  }),
  host("blob_open", ["buffer"], "i64", (call, id) => call.local.blobs.open(blobId(call.fixed(id, ID_BYTES)))),
  host("blob_read", ["number", "buffer"], "i64", (call, handle, into) => {
    const { blobChunkBytesMax: max } = call.limits;
    if (into.length > max) {
      throw new HostTrap("BlobBufferTooLarge", `a read of ${into.length} bytes of a blob, of at most ${max}`);
    }
    const bytes = call.local.blobs.read(handle, into.length);
    call.work(bytes.length);
    call.memory.write(into, bytes);
    return BigInt(bytes.length);
  }),
  host("blob_announce_to_context", ["buffer", "buffer"], "i32", (call, id, context) => {
    const blob = blobId(call.fixed(id, ID_BYTES));
    if (!bytesEqual(call.fixed(context, ID_BYTES), call.request.context)) {
      throw new HostTrap("BlobContextMismatch", "a blob is announced to the context of the call, and to no other");
    }
    if (!call.local.blobs.blobs.announce(blob)) throw new HostTrap("BlobsNotSupported", "there is no such blob");
    return true;
  }),
];

function aliasOf(call: HostCall, alias: Slice): string {
  if (alias.length > ALIAS_BYTES_MAX) throw new HostTrap("AliasTooLong", `alias too long: ${alias.length}`);
  return call.text(alias);
}

function change(call: HostCall, asked: ContextChange): void {
  const { contextChanges } = call.requests;
  if (contextChanges.length >= call.limits.contextChangesMax) invalidMemoryAccess();
  contextChanges.push(asked);
}

function propose(call: HostCall, asked: ProposalChange): void {
  const { proposals } = call.requests;
  if (proposals.length >= call.limits.proposalsMax) invalidMemoryAccess();
  proposals.push(asked);
}
