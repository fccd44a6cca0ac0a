import { SYNC_PRESETS } from "@dunlin/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONFIG_FIELDS, defaultConfig, parseConfig } from "./config.ts";

const messageOf = (value: unknown): string => {
  const parsed = parseConfig(typeof value === "string" ? value : JSON.stringify(value));
  return parsed.ok ? "ok" : `${parsed.error.code} ${parsed.error.message}`;
};

describe("parseConfig", () => {
  it("fills in every default", () => {
    expect(defaultConfig()).toMatchObject({
      server: { host: "127.0.0.1", port: 2528, origins: [], page: undefined },
      node: {
        network: { peers: [] },
        sync: { ...SYNC_PRESETS.medium, contexts: {} },
        limits: { callTimeMs: 5000, callFuel: 300_000_000 },
      },
      log: { level: "info", subsystems: {} },
    });
  });

  it("keeps what is set beside the defaults", () => {
    const parsed = parseConfig('{"sync":{"intervalMs":1000},"log":{"subsystems":{"sync":"debug"}}}');
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        node: { sync: { intervalMs: 1000 }, limits: { callTimeMs: 5000, callFuel: 300_000_000 } },
        log: { subsystems: { sync: "debug" } },
      },
    });
  });

  it("takes a preset, what is set over it, and what differs for a context", () => {
    const contexts = { abc: { intervalMs: 1000 } };
    const parsed = parseConfig(JSON.stringify({ sync: { preset: "large", sessionsMax: 7, contexts } }));
    expect(parsed).toMatchObject({
      ok: true,
      value: { node: { sync: { ...SYNC_PRESETS.large, sessionsMax: 7, contexts } } },
    });
    expect(messageOf({ sync: { preset: "huge" } })).toContain("sync.preset must be one of small, medium, large");
    expect(messageOf({ sync: { heartbeatMs: 1 } })).toContain("sync.heartbeatMs must be an integer from 5000");
    for (const wrong of [{ intervalMs: 1 }, { intervalMs: "x" }, { preset: "small" }, { sessionsMax: 3 }, 5])
      expect(messageOf({ sync: { contexts: { abc: wrong } } })).toContain(
        "sync.contexts must give each context some of",
      );
  });

  it("takes limits for all contexts and for some, each in its range", () => {
    const contexts = { abc: { guestFuel: 2_000_000, fuelPerSecond: 10_000 } };
    const parsed = parseConfig(JSON.stringify({ limits: { logsMax: 5, contexts } }));
    expect(parsed.ok && parsed.value.node.limits).toEqual({
      callTimeMs: 5000,
      callFuel: 300_000_000,
      logsMax: 5,
      contexts,
    });
    expect(messageOf({ limits: { eventsMax: 101 } })).toContain("limits.eventsMax must be an integer from 0 to 100");
    for (const wrong of [{ callTimeMs: 100 }, { logsMax: -1 }, { deltasPerSecond: null }])
      expect(messageOf({ limits: { contexts: { abc: wrong } } })).toContain("limits.contexts must give each context");
  });

  it("takes a flag as true or false, and nothing else", () => {
    expect(defaultConfig().node.network.mdns).toBe(true);
    expect(parseConfig('{"network":{"mdns":false}}')).toMatchObject({ value: { node: { network: { mdns: false } } } });
    for (const wrong of [1, "false", null]) {
      expect(messageOf({ network: { mdns: wrong } })).toContain("network.mdns must be true or false");
    }
  });

  it("names the unknown key and those that are allowed", () => {
    expect(messageOf({ sever: {} })).toBe(
      'CONFIG_INVALID config.json: unknown key "sever": allowed are server, network, sync, limits, recording, log',
    );
    expect(messageOf({ network: { listn: [] } })).toBe(
      'CONFIG_INVALID config.json: unknown key "network.listn": allowed are listen, peers, mdns',
    );
    expect(messageOf({ constructor: {} })).toContain('unknown key "constructor"');
  });

  it("names the key of a wrong value and its range", () => {
    expect(messageOf({ server: { port: 65_536 } })).toContain("server.port must be an integer from 0 to 65535");
    expect(messageOf({ server: { host: "0.0.0.0" } })).toContain(
      "server.host must be one of 127.0.0.1, ::1, localhost",
    );
    expect(messageOf({ network: { peers: "x" } })).toContain("network.peers must be a list of at most 256 strings");
    expect(messageOf({ log: { subsystems: { sync: "loud" } } })).toContain(
      "log.subsystems must give subsystems one of",
    );
    expect(messageOf({ sync: [] })).toContain("sync must be an object");
    expect(messageOf("[]")).toContain("must hold one object");
    expect(messageOf("{")).toContain("not JSON");
    expect(messageOf(`"${"x".repeat(70_000)}"`)).toContain("larger than");
  });

  it("gives a configuration or one line, whatever the file holds", () => {
    const keys = Object.entries(CONFIG_FIELDS).flatMap(([name, fields]) => [name, ...Object.keys(fields)]);
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.integer(), fc.constantFrom("debug", "::1"));
    const section = fc.dictionary(fc.constantFrom(...keys), value);
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), fc.oneof(section, value)), (file) => {
        const parsed = parseConfig(JSON.stringify(file));
        return parsed.ok
          ? Number.isInteger(parsed.value.server.port)
          : parsed.error.code === "CONFIG_INVALID" && !parsed.error.message.includes("\n");
      }),
      { seed: 3, numRuns: 500 },
    );
  });
});
