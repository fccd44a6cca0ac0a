/**
 * The engines of installed applications: one per application, shared by all contexts that run it, loaded when called.
 * Of one that is written for us the host holds the state; a guest keeps its own.
 */

import type { ApiErrorCode } from "@dunlin/api";
import { err, idKey, idToText, ok, type Result } from "@dunlin/core/base";
import { createCrypto } from "@dunlin/core/crypto";
import { createEngine, createGuestEngine, type Engine, type GuestEngine, readApplication } from "@dunlin/runtime";
import type { Home } from "../home.ts";
import { monotonicMs } from "../messages.ts";
import { type Candidate, checkSuccession } from "./succession.ts";

export type LoadedApplication = LoadedNative | LoadedGuest;

export interface LoadedNative {
  readonly kind: "native";
  readonly id: Uint8Array;
  readonly engine: Engine;
}

export interface LoadedGuest {
  readonly kind: "guest";
  readonly id: Uint8Array;
  readonly engine: GuestEngine;
}

export class Engines {
  readonly #home: Home;
  readonly #engines = new Map<string, LoadedApplication>();
  readonly #candidates = new Map<string, Candidate>();
  readonly #loading = new Map<string, Promise<Result<LoadedApplication>>>();

  constructor(home: Home) {
    this.#home = home;
  }

  /** The engine, at once when it is loaded. */
  get(application: Uint8Array): LoadedApplication | Promise<Result<LoadedApplication>> {
    const key = idKey(application);
    const loaded = this.#engines.get(key);
    if (loaded) return loaded;
    const loading = this.#loading.get(key) ?? this.#load(application).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  /** Whether the last of a context's applications, oldest first, may run in place of those before it. */
  mayRun(applications: readonly Uint8Array[]): Result<null> {
    return checkSuccession((id) => this.#candidate(id), applications);
  }

  /** The version that it says it has; null where it says none or is not installed here. */
  versionOf(id: Uint8Array): string | null {
    return this.#candidate(id)?.version ?? null;
  }

  /** Read once: an author's context may have had hundreds. */
  #candidate(id: Uint8Array): Candidate | undefined {
    const key = idKey(id);
    const known = this.#candidates.get(key);
    if (known) return known;
    const bytes = this.#home.readApplication(id);
    const read = bytes && readApplication(bytes);
    if (!read?.ok) return undefined;
    const { value } = read;
    const candidate: Candidate =
      value.kind === "guest"
        ? { kind: "guest", signer: value.guest.signer, version: undefined }
        : { kind: "bundle", signer: undefined, version: value.bundle.version };
    this.#candidates.set(key, candidate);
    return candidate;
  }

  /** Lets go of the engines that none of these contexts runs. */
  keepThoseOf(contexts: Iterable<{ readonly replica: { readonly application: Uint8Array | undefined } }>): void {
    const kept = new Set([...contexts].map(({ replica }) => replica.application && idKey(replica.application)));
    for (const key of this.#engines.keys()) if (!kept.has(key)) this.#engines.delete(key);
  }

  async #load(application: Uint8Array): Promise<Result<LoadedApplication>> {
    const id = idToText(application);
    const bytes = this.#home.readApplication(application);
    if (!bytes) {
      const message = `application ${id} is not installed on this node: install it with "dunlin app install PATH"`;
      return err<ApiErrorCode>("APPLICATION_NOT_FOUND", message);
    }
    const loaded = await load(application, bytes);
    if (!loaded.ok) return err<ApiErrorCode>("APPLICATION_INVALID", `${id} does not load: ${loaded.error.message}`);
    this.#engines.set(idKey(application), loaded.value);
    return loaded;
  }
}

async function load(
  id: Uint8Array,
  bytes: Uint8Array,
): Promise<Result<LoadedApplication, { readonly message: string }>> {
  const read = readApplication(bytes);
  if (!read.ok) return read;
  if (read.value.kind === "bundle") {
    const engine = await createEngine(read.value.bundle, { monotonicMs });
    return engine.ok ? ok({ kind: "native", id, engine: engine.value }) : engine;
  }
  const engine = createGuestEngine(read.value.guest.module, createCrypto());
  return engine.ok ? ok({ kind: "guest", id, engine: engine.value }) : engine;
}
