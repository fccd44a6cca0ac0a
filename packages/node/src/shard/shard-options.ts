/** What a shard is opened with. */
import type { LimitsConfig, SyncConfig } from "@dunlin/api";
import type { KeyValueStore, Log } from "@dunlin/core/base";
import type { Home } from "../home.ts";
import type { FromShard } from "../messages.ts";
import type { HostedPorts } from "./hosted-context.ts";

export interface ShardOptions {
  readonly home: Home;
  readonly store: KeyValueStore;
  /** This node's peer id and where it listens. */
  readonly self: string;
  readonly addresses: readonly string[];
  readonly limits: LimitsConfig;
  /** `CONTEXT_IDLE_MS`, but in tests. */
  readonly contextIdleMs: number;
  readonly profile: boolean;
  /** Of recorded calls; 0 records none. */
  readonly recordingBytesMax: number;
  readonly sync: SyncConfig;
  readonly log: Log;
  readonly put: (message: FromShard) => void;
  readonly watch: HostedPorts["watch"];
}
