import { idToText, type Log, ok, type Result, utf8 } from "@dunlin/core/base";
import { CROSS_CALL_DEPTH_MAX } from "@dunlin/runtime";
import { expect, it } from "vitest";
import type { HostedContext } from "../hosted-context.ts";
import { notFound } from "../not-found.ts";
import { type Followers, follow } from "./follow.ts";
import type { Asked } from "./hosted-guest.ts";

const HERE = new Uint8Array(32).fill(1);
const ELSEWHERE = new Uint8Array(32).fill(2);
const MEMBER = new Uint8Array(32).fill(3);

/** A shard with one context, which notes what is done to it. */
function open() {
  const done: unknown[] = [];
  const logged: string[] = [];
  const note = (...what: unknown[]): Promise<Result<unknown>> => {
    done.push(what);
    return Promise.resolve(ok(null));
  };
  const hosted = {
    execute: (_: number, { method, args }: { method: string; args: unknown }, via: readonly string[]) =>
      note(method, args, via),
    replica: { declare: ({ kind }: { kind: string }) => note(kind) },
  } as unknown as HostedContext;
  const log: Log = { log: (_level, event) => void logged.push(event) };
  const followers: Followers = {
    log,
    hosted: async (context) => (context === idToText(HERE) ? ok(hosted) : notFound(context)),
    createContext: (_, { initialization }) => note("create", initialization),
    forget: async () => void done.push("forget"),
  };
  const asked = (more: Partial<Asked>): Asked => {
    return { requestId: 7, via: [idToText(HERE)], crossCalls: [], contextChanges: [], ...more };
  };
  return { done, logged, ask: (more: Partial<Asked>) => follow(followers, asked(more)) };
}

const call = (context: Uint8Array, params: string) => ({ context, method: "m", params: utf8(params) });

it("calls contexts that are here, and says whose call it was, and tells of those that are not", async () => {
  const { done, logged, ask } = open();
  ask({ crossCalls: [call(HERE, '{"a":1}'), call(ELSEWHERE, "{}"), call(HERE, "no JSON")], via: ["a", "b"] });
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual([
    ["m", { a: 1 }, ["a", "b"]],
    ["m", {}, ["a", "b"]],
  ]);
  expect(logged).toEqual(["application.follow_failed"]);
});

it("calls nothing deeper than it may", () => {
  const { done, logged, ask } = open();
  ask({ crossCalls: [call(HERE, "{}")], via: Array<string>(CROSS_CALL_DEPTH_MAX + 1).fill("a") });
  expect([done, logged]).toEqual([[], ["application.cross_call_too_deep"]]);
});

it("does what is asked of contexts and members, in order", async () => {
  const { done, ask } = open();
  const create = {
    kind: "create",
    protocol: "near",
    application: ELSEWHERE,
    params: utf8("{}"),
    alias: undefined,
  } as const;
  ask({
    contextChanges: [
      { kind: "add-member", member: MEMBER },
      { kind: "remove-member", member: MEMBER },
      create,
      { kind: "delete", context: HERE },
    ],
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(done).toEqual([["add"], ["remove"], ["create", {}], "forget"]);
});
