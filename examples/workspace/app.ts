/**
 * A workspace: pages in a tree, and roles of its own beside those of the context. An admin of the context says who
 * edits; editors write pages; everybody who may write at all comments. What was done stands in a log, with who did.
 * It may announce new pages in a chat, which is another context: the node of whoever creates a page posts there, as its
 * user is known in the chat.
 *
 * Roles here guard what this program does. A member whom nobody should trust with the state is made a reader.
 */
import {
  type Application,
  app,
  log,
  type MutationContext,
  map,
  payload,
  type QueryContext,
  ROOT,
  register,
  text,
  tree,
} from "@dunlin/sdk";

type Duty = "editor" | "guest";
/** What this needs of the chat's application. */
interface Chat {
  post(args: { room: string; text: string }): string;
}
type Outline = { id: string; depth: number; title: string }[];

const workspace: Application = app({
  name: "workspace",
  version: "1.0.0",
  state: {
    duties: map(register<Duty>()),
    pages: tree(register<string>()),
    bodies: map(text()),
    comments: map(log<string>()),
    done: log<{ what: string; page?: string }>(),
    announcesIn: register<{ chat: string; room: string }>(),
  },
  events: { Granted: payload<{ member: string; duty: string }>(), Written: payload<{ page: string }>() },
  queries: {
    outline: (state): Outline =>
      state.pages.walk().map(({ id, depth }) => ({ id, depth, title: state.pages.contents.get(id) ?? "" })),
    body: (state, { page }: { page: string }): string => state.bodies.get(page)?.toString() ?? "",
    comments: (state, { page }: { page: string }): { from: string; words: string }[] =>
      (state.comments.get(page)?.page() ?? []).map(({ member, value }) => ({ from: member, words: value })),
    duty: (state, _args: object, context): Duty => dutyOf(state.duties, context),
    history: (state): { by: string; what: string }[] =>
      state.done.page().map(({ member, value }) => ({ by: member, what: value.what })),
  },
  mutations: {
    grant(state, { member, duty }: { member: string; duty: Duty }, context): void {
      context.require("admin");
      if (!context.members().some(({ publicKey }) => publicKey === member)) {
        throw refusal("MEMBER_UNKNOWN", "no member of this context");
      }
      state.duties.set(member, duty);
      state.done.append({ what: `made ${duty}` });
      context.emit("Granted", { member, duty });
    },
    announceIn(state, { chat, room }: { chat: string; room: string }, context): void {
      context.require("admin");
      state.announcesIn.set({ chat, room });
    },
    create(state, { title, parent = ROOT }: { title: string; parent?: string }, context): string {
      requireEditor(state.duties, context);
      const page = state.pages.create(parent);
      state.pages.contents.set(page, title);
      state.bodies.ensure(page);
      state.done.append({ what: "created", page });
      const there = state.announcesIn.get();
      if (there) context.other<Chat>(there.chat).call("post", { room: there.room, text: `New page: ${title}` });
      return page;
    },
    move(state, { page, parent, index }: { page: string; parent: string; index?: number }, context): void {
      requireEditor(state.duties, context);
      state.pages.move(page, parent, index);
    },
    write(state, { page, at, words }: { page: string; at: number; words: string }, context): void {
      requireEditor(state.duties, context);
      state.bodies.ensure(page).insert(at, words);
      context.emit("Written", { page });
    },
    comment(state, { page, words }: { page: string; words: string }): void {
      state.comments.ensure(page).append(words);
    },
  },
});

interface Duties {
  get(member: string): Duty | undefined;
}

/** Admins of the context edit without being told so. */
function dutyOf(duties: Duties, { caller, role }: Pick<QueryContext, "caller" | "role">): Duty {
  return role === "admin" ? "editor" : (duties.get(caller) ?? "guest");
}

function requireEditor(duties: Duties, context: Pick<MutationContext<Record<never, never>>, "caller" | "role">): void {
  if (dutyOf(duties, context) !== "editor") throw refusal("EDITOR_REQUIRED", "editors write pages: ask an admin");
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

export default workspace;
