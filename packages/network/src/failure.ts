/** The codes of this package: why a connection ended, why a dial or an address was refused, why opening failed. */

/** Why a connection was closed; counted in the statistics. */
export type CutCode =
  /** A length prefix above the limit. */
  | "FRAME_OVERSIZE"
  /** A frame that does not get complete. */
  | "FRAME_TIMEOUT"
  /** The first frame is no greeting of this version. */
  | "HELLO_MALFORMED"
  /** The stream was not opened, or the greeting did not come, in time. */
  | "HELLO_TIMEOUT"
  /** The peer does not speak this protocol. */
  | "PROTOCOL_UNSUPPORTED"
  /** A second connection of a peer that is connected. */
  | "CONNECTION_DUPLICATE"
  /** The peer came back over another connection: this one is dead on its side. */
  | "CONNECTION_REPLACED"
  /** Above the limit on all connections, or on those of one peer. */
  | "CONNECTIONS_TOO_MANY"
  /** Nothing heard for the dead-peer deadline. */
  | "PEER_DEAD"
  /** The peer does not read what is sent. */
  | "PEER_STALLED"
  /** The layer above closed it: the peer misbehaves. */
  | "PEER_REFUSED"
  /** The peer, or the network between, closed it. */
  | "PEER_CLOSED"
  /** This node shuts down. */
  | "NETWORK_CLOSED";

export type AddressFailureCode =
  /** Not a multiaddr, none given, or too many. */
  | "ADDRESS_INVALID"
  /** The peer id (/p2p/...) is missing where it is needed. */
  | "ADDRESS_WITHOUT_PEER"
  /** The addresses name more than one peer. */
  | "ADDRESS_PEERS_DIFFER"
  /** The address is this node's own. */
  | "ADDRESS_SELF"
  /** More peers to keep connected than the limit. */
  | "PEERS_TOO_MANY";

export type DialFailureCode =
  | AddressFailureCode
  /** No address answered, or the peer refused the connection. */
  | "DIAL_FAILED"
  /** Connected, but the peer did not greet. */
  | "DIAL_NO_SESSION"
  /** The dial was given up by whoever asked for it. */
  | "DIAL_ABORTED"
  | "CONNECTIONS_TOO_MANY"
  | "NETWORK_CLOSED";

export type OpenFailureCode =
  /** A listen address that cannot be parsed. */
  | "LISTEN_INVALID"
  /** A listen address that is in use or not this machine's. */
  | "LISTEN_FAILED";

/** Opening failed: nothing is left open. */
export class NetworkFailure extends Error {
  override readonly name = "NetworkFailure";
  readonly code: OpenFailureCode;

  constructor(code: OpenFailureCode, message: string) {
    super(message);
    this.code = code;
  }
}
