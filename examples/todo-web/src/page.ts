/** The page's parts, and where failures are shown. */

export function element<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found as T;
}

/** Says what went wrong: a full or cleared store has a message of its own. */
export function report(thrown: unknown): void {
  const failure = element("failure");
  failure.textContent = thrown instanceof Error ? thrown.message : String(thrown);
  failure.hidden = false;
}

/** An action of the page, whose failure its user sees. */
export function attempt(action: Promise<unknown>): void {
  action.catch(report);
}
