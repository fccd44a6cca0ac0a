/** The engines of installed applications: one per application, shared by all contexts that run it, loaded when called. */

import type { ApiErrorCode } from "@dunlin/api";
import { err, idKey, idToText, ok, type Result } from "@dunlin/core/base";
import { createEngine, decodeBundle, type Engine } from "@dunlin/runtime";
import type { Home } from "../home.ts";
import { monotonicMs } from "../messages.ts";

export class Engines {
  readonly #home: Home;
  readonly #engines = new Map<string, Engine>();
  readonly #loading = new Map<string, Promise<Result<Engine>>>();

  constructor(home: Home) {
    this.#home = home;
  }

  /** The engine, at once when it is loaded. */
  get(application: Uint8Array): Engine | Promise<Result<Engine>> {
    const key = idKey(application);
    const loaded = this.#engines.get(key);
    if (loaded) return loaded;
    const loading = this.#loading.get(key) ?? this.#load(application).finally(() => this.#loading.delete(key));
    this.#loading.set(key, loading);
    return loading;
  }

  async #load(application: Uint8Array): Promise<Result<Engine>> {
    const id = idToText(application);
    const bytes = this.#home.readApplication(application);
    if (!bytes) {
      const message = `application ${id} is not installed on this node: install it with "dunlin app install PATH"`;
      return err<ApiErrorCode>("APPLICATION_NOT_FOUND", message);
    }
    const bundle = decodeBundle(bytes);
    if (!bundle.ok) return bundle;
    const engine = await createEngine(bundle.value, { monotonicMs });
    if (!engine.ok) return err<ApiErrorCode>("APPLICATION_INVALID", `${id} does not load: ${engine.error.message}`);
    this.#engines.set(idKey(application), engine.value);
    return ok(engine.value);
  }
}
