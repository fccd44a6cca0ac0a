/**
 * Polls: a question, its options, and a vote for each member, which is the member's own: no program that another member
 * runs can cast or change it.
 */
import { type Application, app, firstWriter, map, payload, records, register, userEntries } from "@dunlin/sdk";

const polls: Application = app({
  name: "polls",
  version: "1.0.0",
  state: {
    polls: records({
      question: register<string>(),
      options: register<string[]>(),
      owner: firstWriter<string>(),
      isClosed: register<boolean>(),
    }),
    votes: map(userEntries<string>()),
  },
  events: { Opened: payload<{ id: string; question: string }>(), Closed: payload<{ id: string }>() },
  queries: {
    list(state): { id: string; question: string; isClosed: boolean }[] {
      return state.polls.all().map(({ id, question, isClosed }) => ({
        id,
        question: question.get() ?? "",
        isClosed: isClosed.get() ?? false,
      }));
    },
    /** Votes by option, those without a vote too. */
    results(state, { id }: { id: string }): Record<string, number> {
      const options = state.polls.get(id)?.options.get() ?? [];
      const sums = new Map(options.map((option) => [option, 0]));
      for (const [, option] of state.votes.get(id)?.all() ?? []) {
        const sum = sums.get(option);
        if (sum !== undefined) sums.set(option, sum + 1);
      }
      return Object.fromEntries(sums);
    },
    mine: (state, { id }: { id: string }, { caller }): string | null => state.votes.get(id)?.get(caller) ?? null,
  },
  mutations: {
    open(state, { id, question, options }: { id: string; question: string; options: string[] }, context): void {
      if (new Set(options).size < 2) throw refusal("POLL_OPTIONS", "a poll has two different options or more");
      state.polls.insert(id, { question, options, owner: context.caller });
      // Made with the poll: votes that are cast apart at the same time all go into this one.
      state.votes.ensure(id);
      context.emit("Opened", { id, question });
    },
    vote(state, { id, option }: { id: string; option: string }): void {
      const poll = state.polls.get(id);
      const isOpen = poll !== undefined && poll.isClosed.get() !== true;
      if (!isOpen) throw refusal("POLL_CLOSED", "there is no open poll of this name");
      if (!poll.options.get()?.includes(option)) throw refusal("POLL_OPTIONS", "this is none of the poll's options");
      state.votes.ensure(id).set(option);
    },
    withdraw: (state, { id }: { id: string }): void => state.votes.get(id)?.clear(),
    close(state, { id }: { id: string }, context): void {
      const poll = state.polls.get(id);
      if (poll?.owner.get() !== context.caller) throw refusal("POLL_FOREIGN", "who opened a poll closes it");
      poll.isClosed.set(true);
      context.emit("Closed", { id });
    },
  },
});

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

export default polls;
