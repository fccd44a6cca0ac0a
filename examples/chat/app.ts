/**
 * Chat: rooms of messages that nobody can forge or change, reactions, who has read how far, and who is there and types,
 * which is shown and not stored. Other applications of a member's node may post. A message tells every
 * node by an event, and one node counts its words, by the handler's policy. While the network is parted two may, so the
 * handler writes under the message's id: counted twice, it is there once.
 */
import { type Application, app, log, map, payload, presence, register, set, userEntries } from "@dunlin/sdk";

type Message = { text: string; at: number };
type Shown = { id: string; from: string; text: string; at: number; reactions: string[] };
type Here = { room: string; isTyping: boolean };
type Online = { member: string; room: string; isTyping: boolean };

const PAGE = 50;
/** A page says where it is every minute; who has not for so long is gone. */
const HERE_MS = 90_000;
const TEXT_CHARS_MAX = 4000;

const chat: Application = app({
  name: "chat",
  version: "1.0.0",
  state: {
    rooms: map(log<Message>()),
    reactions: map(set<string>()),
    /** By room, the last message that each member has read. */
    read: map(userEntries<string>()),
    /** By message. */
    words: map(register<{ from: string; count: number }>()),
    here: presence<Here>(),
  },
  events: {
    Posted: payload<{ room: string; id: string; from: string; text: string }>(),
    Reacted: payload<{ message: string; emoji: string }>(),
  },
  queries: {
    rooms: (state): string[] => state.rooms.keys(),
    messages(state, { room, after }: { room: string; after?: string }): Shown[] {
      const entries = state.rooms.get(room)?.page(after, PAGE) ?? [];
      return entries.map(({ id, member, value }) => ({
        id,
        from: member,
        ...value,
        reactions: state.reactions.get(id)?.values() ?? [],
      }));
    },
    /** Messages behind the last one that the caller has read. */
    unread(state, { room }: { room: string }, { caller }): number {
      return state.rooms.get(room)?.page(state.read.get(room)?.get(caller)).length ?? 0;
    },
    /** Who has the chat open, each member once for each of its nodes. */
    online: (state): Online[] =>
      state.here.list().map(({ publicKey, data }) => ({ member: publicKey, room: data.room, isTyping: data.isTyping })),
    words: (state, { member }: { member: string }): number =>
      state.words.entries().reduce((sum, [, { from, count }]) => (from === member ? sum + count : sum), 0),
  },
  mutations: {
    post(state, { room, text }: { room: string; text: string }, context): string {
      if (text.trim() === "" || text.length > TEXT_CHARS_MAX) {
        throw Object.assign(new Error("a message says something, in short"), { code: "MESSAGE_TEXT" });
      }
      const id = state.rooms.ensure(room).append({ text, at: context.now });
      context.emit("Posted", { room, id, from: context.caller, text }, { handler: "count" });
      return id;
    },
    /** Says that this node's user is there; again within 90 seconds, or others see it go. */
    enter: (state, { room, isTyping }: { room: string; isTyping: boolean }): void =>
      state.here.set({ room, isTyping }, { ttlMs: HERE_MS }),
    leave: (state): void => state.here.clear(),
    react(state, { message, emoji }: { message: string; emoji: string }, context): void {
      state.reactions.ensure(message).add(emoji);
      context.emit("Reacted", { message, emoji });
    },
    markRead: (state, { room, message }: { room: string; message: string }): void =>
      state.read.ensure(room).set(message),
    count(state, { id, from, text }: { id: string; from: string; text: string }): void {
      state.words.set(id, { from, count: text.trim().split(/\s+/).length });
    },
  },
  exposes: ["post"],
  handlers: { count: "one" },
});

export default chat;
