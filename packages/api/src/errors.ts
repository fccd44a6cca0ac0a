/**
 * Every stable code that can reach those outside a node, and what it is to each of them: the `type` of a JSON-RPC
 * error (the words of the 0.10 server, so that its clients understand), an HTTP status, and the exit code of the
 * command line. A code that is not in the table is a defect of this program and maps to InternalError, 500 and 1.
 */
export type ApiErrorCode =
  // What a request is refused for before a node sees it.
  /** No token, or a wrong one. */
  | "UNAUTHORIZED"
  /** The `Host` header is not this server's: a page on another name is trying to reach it. */
  | "HOST_REFUSED"
  /** The `Origin` header is not one that this server serves. */
  | "ORIGIN_REFUSED"
  /** No such route. */
  | "ROUTE_UNKNOWN"
  /** The route exists, with another method. */
  | "VERB_REFUSED"
  /** A body that is not `application/json`. */
  | "CONTENT_TYPE_REFUSED"
  /** The body is larger than the limit. */
  | "BODY_TOO_LARGE"
  /** Not JSON, or not valid UTF-8. */
  | "JSON_MALFORMED"
  /** JSON nested deeper than the limit. */
  | "JSON_TOO_DEEP"
  /** JSON with a key `__proto__`. */
  | "JSON_KEY_REFUSED"
  /** A field is missing, of the wrong type, or too long: the message names it. */
  | "PARAMS_INVALID"
  /** A JSON-RPC or WebSocket method that does not exist here. */
  | "RPC_METHOD_UNKNOWN"
  /** Understood, and not offered by this version: the message says what is. */
  | "UNSUPPORTED"
  /** The server is at its cap of requests or connections: try again. */
  | "BUSY"
  /** The request took longer than the server waits. */
  | "TIMEOUT"
  // What a node answers.
  /** No context of that id on this node. */
  | "CONTEXT_NOT_FOUND"
  /** The context is known, and its state has not arrived yet. */
  | "CONTEXT_UNINITIALIZED"
  /** No such blob on this node, nor with a member of the named context who is connected. */
  | "BLOB_NOT_FOUND"
  /** More bytes than a blob may have. */
  | "BLOB_TOO_LARGE"
  /** Size or hash are not those that were said. */
  | "BLOB_MISMATCH"
  /** A context has the blob: it is not deleted. */
  | "BLOB_IN_USE"
  /** No application of that id is installed on this node. */
  | "APPLICATION_NOT_FOUND"
  /** The application could not be built: the message has file and line. */
  | "APPLICATION_BUILD_FAILED"
  /** Not an application, or a damaged bundle. */
  | "APPLICATION_INVALID"
  /** The application cannot take over the context's state from the one that it runs: see the message. */
  | "UPGRADE_REFUSED"
  /** The context was upgraded, and what its application before left is not migrated yet. */
  | "MIGRATION_DUE"
  /** The named identity is not one whose key this node holds, or has no such right. */
  | "NOT_A_MEMBER"
  /** The member may not do this as things stand in the context. */
  | "ACCESS_DENIED"
  /** It is no member of the context, so there is nothing to change. */
  | "MEMBER_UNKNOWN"
  /** The context would be left without an admin: make another member admin first. */
  | "LAST_ADMIN"
  /** The invitation is malformed, or its signature does not verify. */
  | "INVITATION_INVALID"
  /** The invitation has expired. */
  | "INVITATION_EXPIRED"
  /** The invitation was made for another identity, or is to be redeemed at another node. */
  | "INVITATION_NOT_FOR_YOU"
  /** Who made the invitation may no longer invite. */
  | "INVITATION_REVOKED"
  /** As many have joined by it as may. */
  | "INVITATION_USED"
  /** The admin who is to let others in has no node that is connected now. */
  | "REDEEMER_NOT_CONNECTED"
  /** The inviting node does not hold the context. */
  | "INVITATION_UNKNOWN_CONTEXT"
  /** The connection to the inviting node was lost before it answered: try again. */
  | "SYNC_NOT_CONNECTED"
  /** The invitation was redeemed; the state has not arrived in time, and will when the inviting node is reached. */
  | "JOIN_PENDING"
  /** No such delta is in the context on this node. */
  | "RECEIPT_UNKNOWN_DELTA"
  /** Too many wait for receipts: ask for their state now and then instead. */
  | "RECEIPT_OVERLOADED"
  /** The context was closed before the receipt said what was waited for. */
  | "RECEIPT_CLOSED"
  /** More is to be shown to the members than an entry of presence may have. */
  | "PRESENCE_TOO_LARGE"
  /** The worker was replaced while the call waited for its flush: look whether its writes are there. */
  | "CALL_INTERRUPTED"
  /** The worker that holds the contexts keeps dying. */
  | "SHARD_FAILED"
  /** More calls wait than the context takes: try again. */
  | "CALLS_OVERLOADED"
  /** The store failed or the context was closed: whether the write is durable is not known. */
  | "REPLICA_CLOSED"
  /** What the store holds of the context is damaged. */
  | "CONTEXT_DAMAGED"
  /** The context was written by a newer version of this program. */
  | "CONTEXT_NEWER"
  /** The context was written by a version whose rows are not read any more. */
  | "CONTEXT_OLDER"
  /** The context has used the fuel that it may use in this second or minute: the message says when to try again. */
  | "BUDGET_FUEL"
  /** The context has made as many deltas as it may make in a second: the message says when to try again. */
  | "BUDGET_DELTAS"
  /** What the context holds in the store has reached its budget: it takes no writes of this node until that is raised. */
  | "BUDGET_STORAGE"
  /** With this blob the context would hold more bytes of blobs than it may. */
  | "BUDGET_BLOBS"
  /** No call of that number is kept: calls are recorded when `recording.bytesMax` says so, and the oldest go. */
  | "CALL_NOT_RECORDED"
  /** The call was ended by the clock of its machine, or the recording is of another kind of application. */
  | "CALL_NOT_REPEATABLE"
  /** Not a value that the state can hold. */
  | "VALUE_INVALID"
  /** A value over the limits on bytes, items or depth. */
  | "VALUE_TOO_LARGE"
  /** A map key or field name that is malformed text. */
  | "KEY_INVALID"
  /** A map key, field name or set element over the limit. */
  | "KEY_TOO_LONG"
  /** An amount that is no safe integer, or a counter that would leave its range. */
  | "COUNTER_OUT_OF_RANGE"
  /** A counter that only grows was asked to subtract. */
  | "COUNTER_ONLY_GROWS"
  /** A position or count outside the text. */
  | "TEXT_OUT_OF_RANGE"
  /** A node that is not in the tree. */
  | "NODE_MISSING"
  /** A node whose id is in the tree already, or in its trash. */
  | "NODE_EXISTS"
  /** A node that would come to be below itself. */
  | "NODE_CYCLE"
  /** An index outside the children of a node. */
  | "TREE_OUT_OF_RANGE"
  /** Too many nodes put between two neighbours. */
  | "TREE_PLACE_FULL"
  /** The name of a mark that is empty, malformed or too long. */
  | "MARK_NAME_INVALID"
  /** An index or count outside the list. */
  | "LIST_OUT_OF_RANGE"
  /** A document with this id is there already. */
  | "RECORD_EXISTS"
  /** No document with this id is there. */
  | "RECORD_MISSING"
  /** A vertex that is not in the graph. */
  | "VERTEX_MISSING"
  /** A path that goes on where nothing is. */
  | "PATH_MISSING"
  /** A path that leads to something of another type. */
  | "PATH_TYPE"
  /** A path with a segment that is none there, or too many. */
  | "PATH_INVALID"
  /** The call wrote more than one delta can carry: split it. */
  | "TRANSACTION_TOO_LARGE"
  /** Not an application bundle, or a damaged one. */
  | "BUNDLE_INVALID"
  /** No member could be reached in time. */
  | "NO_PEERS"
  /** The application has no method of that name. */
  | "METHOD_NOT_FOUND"
  /** A query tried to write. */
  | "METHOD_KIND"
  /** The arguments are not what the method takes. */
  | "ARGS_INVALID"
  /** The application threw. */
  | "APPLICATION_ERROR"
  /** The call ran longer than it may. */
  | "TIME_LIMIT"
  /** The call needed more memory than it may. */
  | "MEMORY_LIMIT"
  /** The call nested deeper than it may. */
  | "STACK_LIMIT"
  /** The call did more work than it may, counted the same on every machine. */
  | "FUEL_LIMIT"
  /** A WebAssembly application trapped, or asked the host for what cannot be: see the message. */
  | "GUEST_TRAP"
  /** Not a WebAssembly module, or one that does not validate. */
  | "MODULE_MALFORMED"
  /** A module that uses what applications may not: see the message. */
  | "MODULE_UNSUPPORTED"
  /** A module with more bytes, memory, functions or locals than an application may have. */
  | "MODULE_TOO_LARGE"
  /** A module that imports what the host does not have. */
  | "IMPORT_UNKNOWN"
  /** A module that imports a host function with other parameters or results than it has. */
  | "IMPORT_SIGNATURE"
  /** Not an `.mpk` bundle, or a damaged one. */
  | "MPK_INVALID"
  /** The bundle's signature is not that of its manifest, or not its signer's. */
  | "MPK_SIGNATURE_INVALID"
  /** The application is installed as another signer's, or as a signed one. */
  | "MPK_UPGRADE_REFUSED"
  /** No handler of that event is dead: it has run, still runs, or never was. */
  | "HANDLER_NOT_DEAD"
  /** The call emitted, logged, wrote or answered more than it may. */
  | "LIMIT_EXCEEDED"
  /** The sandbox itself trapped. */
  | "ENGINE_TRAP"
  /** Another process holds the store. */
  | "STORE_LOCKED"
  /** The store's files are damaged, or are not a store. */
  | "STORE_CORRUPT"
  /** The store was written by a newer version of this program. */
  | "STORE_NEWER"
  /** The store was written by an older version: the node of this version brings it up to date when it starts. */
  | "STORE_OLDER"
  /** A write or flush failed: disk full, device error. */
  | "STORE_WRITE_FAILED"
  /** The store is closed, or failed before. */
  | "STORE_CLOSED"
  /** The node is shutting down. */
  | "NODE_CLOSED"
  // What the command line meets by itself.
  /** A command, option or argument that does not exist or is missing. */
  | "USAGE"
  /** The configuration file has an unknown key or a value out of range. */
  | "CONFIG_INVALID"
  /** The port is taken. */
  | "PORT_TAKEN"
  /** A server may bind to loopback only. */
  | "HOST_NOT_LOOPBACK"
  /** The folder of the page is missing, or holds too much. */
  | "PAGE_INVALID"
  /** A listen address of the network that cannot be parsed. */
  | "LISTEN_INVALID"
  /** A listen address of the network that is in use or not this machine's. */
  | "LISTEN_FAILED"
  /** A peer address that is no multiaddr with a peer id. */
  | "ADDRESS_INVALID"
  /** No node answers at the address. */
  | "NODE_UNREACHABLE"
  /** The home folder cannot be read or written, or others may read it. */
  | "HOME_INVALID"
  /** The folder holds something already, and nothing is written over: name another one. */
  | "FOLDER_NOT_EMPTY"
  /** Not a backup, or one that was cut or changed: the message names the file. */
  | "BACKUP_INVALID"
  /** The backup was taken by a newer version of this program. */
  | "BACKUP_NEWER"
  /** A defect of this program. */
  | "INTERNAL";
