/** The part of the page that shares the list: who is there, a ticket for others, and joining by one. */
import type { Database } from "@dunlin/core";
import { keepLinked, type LinkShown, relayUrl } from "./link.ts";
import { followChoice, isOwnList, joinList, showOwnList } from "./lists.ts";
import { attempt, element } from "./page.ts";

export function openShare(database: Database): void {
  const invite = element<HTMLButtonElement>("invite");
  const ticket = element<HTMLTextAreaElement>("ticket");
  const copy = element<HTMLButtonElement>("copy");
  invite.addEventListener("click", () => {
    ticket.value = database.invite();
    element("invitation").hidden = false;
    ticket.focus();
    ticket.select();
  });
  copy.addEventListener("click", () => {
    const copied = navigator.clipboard.writeText(ticket.value).then(() => {
      copy.textContent = "Copied";
    });
    attempt(copied);
  });
  const join = element<HTMLFormElement>("join");
  join.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(joinList(String(new FormData(join).get("joined"))));
  });
  const own = element<HTMLButtonElement>("own");
  own.hidden = isOwnList();
  own.addEventListener("click", showOwnList);
  followChoice();
  const show = ({ text, isUp }: LinkShown): void => {
    invite.hidden = database.role !== "admin";
    const state = element("link");
    // Said aloud only when it changed.
    if (state.textContent !== text) state.textContent = text;
    state.classList.toggle("up", isUp);
  };
  attempt(keepLinked(database, relayUrl(), show));
}
