/** A call that writes a little and tells an event, and a handler of the event that writes a little too. */
import { type Application, app, counter, map, payload, register } from "@dunlin/sdk";

const ping: Application = app({
  name: "ping",
  version: "1.0.0",
  state: { entries: map(register<string>()), handled: counter() },
  events: { Pinged: payload<{ key: string }>() },
  queries: { handled: (state): number => state.handled.value() },
  mutations: {
    ping(state, { key, value }: { key: string; value: string }, ctx): void {
      state.entries.set(key, value);
      ctx.emit("Pinged", { key }, { handler: "onPinged" });
    },
    onPinged(state): void {
      state.handled.add(1);
    },
  },
});

// biome-ignore lint/style/noDefaultExport: this is what an application file exports
export default ping;
