/**
 * Rooms with messages. A room is a log: all members see its messages in one order, and nobody changes another's or writes
 * in another's name.
 */
import { type Application, app, log, map, payload, register } from "@dunlin/sdk";

type Message = { sentMs: number; text: string };
type Shown = Message & { id: string; name: string };

const PAGE = 50;
const TEXT_CHARS_MAX = 2000;

const application: Application = app({
  name: "app-name",
  version: "0.1.0",
  state: {
    /** By a member's public key. */
    names: map(register<string>()),
    rooms: map(log<Message>()),
  },
  events: {
    Sent: payload<{ room: string; id: string }>(),
  },
  queries: {
    rooms(state): string[] {
      return state.rooms.keys();
    },
    /** Messages behind the one of this id, or from the first on, with the names that their authors go by now. */
    read(state, { room, after }: { room: string; after?: string }): Shown[] {
      const entries = state.rooms.get(room)?.page(after, PAGE) ?? [];
      return entries.map(({ id, member, value }) => ({
        ...value,
        id,
        name: state.names.get(member) ?? member.slice(0, 6),
      }));
    },
  },
  mutations: {
    /** What the caller goes by. */
    introduce(state, { name }: { name: string }, context): void {
      state.names.set(context.caller, name);
    },
    send(state, { room, text }: { room: string; text: string }, context): string {
      if (text === "" || text.length > TEXT_CHARS_MAX) {
        throw new Error(`a message has 1 to ${TEXT_CHARS_MAX} characters`);
      }
      const id = state.rooms.ensure(room).append({ sentMs: context.now, text });
      context.emit("Sent", { room, id });
      return id;
    },
  },
});

export default application;
