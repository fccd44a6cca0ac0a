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

export type LoadedApplication =
  | { readonly kind: "native"; readonly engine: Engine }
  | { readonly kind: "guest"; readonly engine: GuestEngine };

export class Engines {
  readonly #home: Home;
  readonly #engines = new Map<string, LoadedApplication>();
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

  async #load(application: Uint8Array): Promise<Result<LoadedApplication>> {
    const id = idToText(application);
    const bytes = this.#home.readApplication(application);
    if (!bytes) {
      const message = `application ${id} is not installed on this node: install it with "dunlin app install PATH"`;
      return err<ApiErrorCode>("APPLICATION_NOT_FOUND", message);
    }
    const loaded = await load(bytes);
    if (!loaded.ok) return err<ApiErrorCode>("APPLICATION_INVALID", `${id} does not load: ${loaded.error.message}`);
    this.#engines.set(idKey(application), loaded.value);
    return loaded;
  }
}

async function load(bytes: Uint8Array): Promise<Result<LoadedApplication, { readonly message: string }>> {
  const read = readApplication(bytes);
  if (!read.ok) return read;
  if (read.value.kind === "bundle") {
    const engine = await createEngine(read.value.bundle, { monotonicMs });
    return engine.ok ? ok({ kind: "native", engine: engine.value }) : engine;
  }
  const engine = createGuestEngine(read.value.guest.module, createCrypto());
  return engine.ok ? ok({ kind: "guest", engine: engine.value }) : engine;
}
