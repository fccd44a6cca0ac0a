/**
 * Three nodes of one process, each with a folder, a network and an API of its own, that share a context. They are what
 * `dunlin run` starts, on loopback, with whatever happens in them told to a listener.
 */
import { resolve } from "node:path";
import type { ContextEvent, ExecuteOutcome, ExecuteRequest, NodeService } from "@dunlin/api";
import { type Log, type LogLevel, must, type Result } from "@dunlin/core/base";
import type { Ports } from "../command.ts";
import { type Config, defaultConfig } from "../config.ts";
import { CommandFailure, unwrap } from "../failure.ts";
import { prepareHome } from "../home.ts";
import { AGREE_POLL_MS, AGREE_TIMEOUT_MS } from "../limits.ts";
import { type Started, startOn } from "../start.ts";

export const LABELS = ["a", "b", "c"] as const;
export type Label = (typeof LABELS)[number];

/** What a node tells of itself. */
export type Happening =
  | {
      readonly kind: "call";
      readonly request: ExecuteRequest;
      readonly result: Result<ExecuteOutcome>;
      readonly ms: number;
    }
  | { readonly kind: "commit"; readonly event: ContextEvent }
  | {
      readonly kind: "log";
      readonly level: LogLevel;
      readonly event: string;
      readonly fields: Readonly<Record<string, unknown>>;
    };

/** `atMs` is by a clock that nothing sets back. */
export type DevEvent = Happening & { readonly node: Label; readonly atMs: number };

export interface DevNode {
  readonly label: Label;
  readonly home: string;
  readonly started: Started;
  /** The node itself, whose calls are not told of. */
  readonly service: NodeService;
}

export interface DevOptions {
  readonly ports: Ports;
  /** Holds a folder for each node. */
  readonly folder: string;
  /** Of the first node's API; the others' follow. 0 takes free ones. */
  readonly port: number;
  readonly page: string | undefined;
  readonly profile: boolean;
  readonly listener: (event: DevEvent) => void;
}

/** Opens the nodes; closes those that opened when one does not. */
export async function openDevNodes(options: DevOptions): Promise<readonly DevNode[]> {
  const [label, ...others] = LABELS;
  const first = await openDevNode(options, label, []);
  // Whoever comes back to a folder finds the first node, whatever its address is now.
  const { addresses } = await first.service.status();
  const opened = await Promise.allSettled(others.map((other) => openDevNode(options, other, addresses)));
  const nodes = [first, ...opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []))];
  const failed = opened.find((one) => one.status === "rejected");
  if (!failed) return nodes;
  await closeDevNodes(nodes);
  throw failed.reason;
}

export async function closeDevNodes(nodes: readonly DevNode[]): Promise<void> {
  await Promise.all(nodes.map(({ started }) => started[Symbol.asyncDispose]()));
}

async function openDevNode(options: DevOptions, label: Label, peers: readonly string[]): Promise<DevNode> {
  const { ports, folder, page, profile, listener } = options;
  const home = resolve(folder, label);
  await prepareHome(home);
  const tell = (happening: Happening): void => listener({ ...happening, node: label, atMs: performance.now() });
  const log: Log = { log: (level, event, fields = {}) => tell({ kind: "log", level, event, fields }) };
  const port = options.port === 0 ? 0 : options.port + LABELS.indexOf(label);
  let service: NodeService | undefined;
  const observe = (opened: NodeService): NodeService => {
    service = opened;
    opened.subscribe((event) => tell({ kind: "commit", event }));
    return observed(opened, tell);
  };
  const started = await startOn({ ports, home, config: configOf(port, peers), page, log, profile, observe });
  return { label, home, started, service: must(service, "it was observed when it opened") };
}

function configOf(port: number, peers: readonly string[]): Config {
  const config = defaultConfig();
  return {
    ...config,
    node: { ...config.node, network: { ...config.node.network, listen: ["/ip4/127.0.0.1/tcp/0"], peers, mdns: false } },
    server: { ...config.server, host: "127.0.0.1", port },
  };
}

/** The service, with its calls told of. Other members are its own: it has private parts. */
function observed(service: NodeService, tell: (happening: Happening) => void): NodeService {
  const execute = async (request: ExecuteRequest): Promise<Result<ExecuteOutcome>> => {
    const begunMs = performance.now();
    const result = await service.execute(request);
    tell({ kind: "call", request, result, ms: performance.now() - begunMs });
    return result;
  };
  return new Proxy(service, {
    get(target, name) {
      if (name === "execute") return execute;
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/**
 * The context that the nodes share: one that the first has of an application of the same name, or a new one, joined by
 * those that are not in it.
 */
export async function shareContext(nodes: readonly DevNode[], applicationId: string): Promise<string> {
  const [first, ...others] = nodes.map(({ service }) => service);
  const founder = must(first, "there are nodes");
  const applications = await founder.applications();
  const installed = applications.find(({ id }) => id === applicationId);
  const ids = new Set(applications.filter(({ name }) => name === installed?.name).map(({ id }) => id));
  const kept = (await founder.contexts()).find((context) => ids.has(context.applicationId));
  const contextId = kept?.id ?? unwrap(await founder.createContext({ applicationId })).contextId;
  await Promise.all(others.map((other) => join(founder, other, contextId)));
  if (kept) unwrap(await founder.upgradeContext({ contextId, applicationId }));
  return contextId;
}

async function join(founder: NodeService, other: NodeService, contextId: string): Promise<void> {
  if ((await other.contexts()).some(({ id }) => id === contextId)) return;
  const { publicKey: inviteeId } = await other.createIdentity();
  const { payload: invitationPayload } = unwrap(await founder.invite({ contextId, inviteeId }));
  unwrap(await other.join({ invitationPayload }));
}

/** Has the context run another application, and waits until all nodes do. */
export async function upgradeAll(nodes: readonly DevNode[], contextId: string, applicationId: string): Promise<void> {
  unwrap(await must(nodes[0], "there are nodes").service.upgradeContext({ contextId, applicationId }));
  await agreed(nodes, contextId, applicationId);
}

/** Resolves once all nodes hold the same deltas and run this application. */
export async function agreed(nodes: readonly DevNode[], contextId: string, applicationId: string): Promise<void> {
  const endMs = performance.now() + AGREE_TIMEOUT_MS;
  for (;;) {
    const told = await Promise.all(nodes.map(async ({ service }) => unwrap(await service.context(contextId))));
    const heads = new Set(told.map((context) => JSON.stringify([...context.heads].sort())));
    if (heads.size === 1 && told.every((context) => context.applicationId === applicationId)) return;
    if (performance.now() > endMs) throw new CommandFailure("TIMEOUT", "the three nodes did not come to agree in time");
    await new Promise((resolve) => setTimeout(resolve, AGREE_POLL_MS));
  }
}

/** Has each node load the application, so that the first call takes no longer than others: by one that cannot be there. */
export async function warmUp(nodes: readonly DevNode[], contextId: string): Promise<void> {
  await Promise.all(nodes.map(({ service }) => service.execute({ contextId, method: "?", args: {} })));
}
