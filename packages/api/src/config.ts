/**
 * The configuration of a node, as types: read from `config.json` by the command line, taken by `@dunlin/node`.
 * Every field is present: defaults have been filled in, and every number is within the range the reader checks.
 */
import type { Log } from "@dunlin/core/base";
import type { ContextLimits } from "./limit-settings.ts";
import type { NodeService } from "./service.ts";
import type { SyncConfig } from "./sync-config.ts";

export interface NodeConfig {
  readonly network: NetworkConfig;
  readonly sync: SyncConfig;
  readonly limits: LimitsConfig;
  /** Absent: nothing is recorded. */
  readonly recording?: RecordingConfig;
}

export interface RecordingConfig {
  /** Bytes of recorded calls that are kept, the newest; 0 records nothing. */
  readonly bytesMax: number;
}

export interface NetworkConfig {
  /** Multiaddrs to listen on. */
  readonly listen: readonly string[];
  /** Multiaddrs with `/p2p/<peer id>`, kept connected. */
  readonly peers: readonly string[];
  /** Tells the local network, by multicast DNS, where this node listens, and hears there where others do. */
  readonly mdns: boolean;
}

/** The other limits hold for every context too, where they are given. */
export interface LimitsConfig extends ContextLimits {
  /** Wall time of one call of an application. */
  readonly callTimeMs: number;
  /** Work of one call of a TypeScript application, in functions entered and turns of loops within its engine. */
  readonly callFuel: number;
  /** What differs for some contexts, by id. */
  readonly contexts?: Readonly<Record<string, ContextLimits>>;
}

export interface OpenNodeOptions {
  /** The node's folder; made when it is missing. */
  readonly home: string;
  readonly config: NodeConfig;
  readonly log: Log;
  /**
   * Logs each call of a TypeScript application as `application.profile`: its method, its milliseconds in the sandbox, its
   * fuel, and of each operation on the state, by name, how many there were and their milliseconds. Default false.
   */
  readonly profile?: boolean;
}

/** What `@dunlin/node` exports as `openNode`. Rejects with an error that has a `code` of the table in `errors.ts`. */
export type OpenNode = (options: OpenNodeOptions) => Promise<NodeService & AsyncDisposable>;
