/**
 * Rooms with messages. A message's key begins with the time of the call that sent it, so keys sort as people wrote; two
 * who write at once both stay.
 */
import { type Application, app, map, payload, register, set } from "@dunlin/sdk";

interface Message {
  readonly author: string;
  readonly sentMs: number;
  readonly text: string;
}

const TEXT_CHARS_MAX = 2000;
const SHOWN_MAX = 100;
const TIME_DIGITS = 14;

const application: Application = app({
  name: "app-name",
  version: "0.1.0",
  state: {
    names: map(register<string>()),
    rooms: set<string>(),
    messages: map(map(register<string>())),
  },
  events: {
    Sent: payload<{ room: string; key: string }>(),
  },
  queries: {
    rooms(state): string[] {
      return state.rooms.values();
    },
    /** The latest messages of a room, oldest first, with the names that their authors go by now. */
    read(state, { room }: { room: string }): (Message & { readonly key: string; readonly name: string })[] {
      const messages = state.messages.get(room)?.entries() ?? [];
      return messages
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .slice(-SHOWN_MAX)
        .map(([key, json]) => {
          const message: Message = JSON.parse(json);
          return { ...message, key, name: state.names.get(message.author) ?? message.author.slice(0, 6) };
        });
    },
  },
  mutations: {
    /** What the caller goes by. */
    introduce(state, { name }: { name: string }, context): void {
      state.names.set(context.caller, name);
    },
    send(state, { room, text }: { room: string; text: string }, context): string {
      if (text === "" || text.length > TEXT_CHARS_MAX)
        throw new Error(`a message has 1 to ${TEXT_CHARS_MAX} characters`);
      const message: Message = { author: context.caller, sentMs: context.now, text };
      const key = `${String(context.now).padStart(TIME_DIGITS, "0")}-${context.random().toString(36).slice(2)}`;
      state.rooms.add(room);
      state.messages.ensure(room).set(key, JSON.stringify(message));
      context.emit("Sent", { room, key });
      return key;
    },
  },
});

export default application;
