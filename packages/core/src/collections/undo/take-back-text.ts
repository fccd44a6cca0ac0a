/** Takes back what a transaction typed, deleted and marked in a text. */
import { actorId, type ContainerId } from "../../base/index.ts";
import type { Anchor, DecidedStretch, ElementRun, TextWriter } from "../../crdt/index.ts";
import { type Aliases, NOTHING } from "./aliases.ts";
import { marksCell } from "./names.ts";
import type { Outcome } from "./rules.ts";
import type { DeletedChange, InsertedChange, MarkedChange, MarkedFrom } from "./step.ts";
import type { TakingBack } from "./take-back.ts";

export function takeBackText(
  taking: TakingBack,
  change: DeletedChange | InsertedChange | MarkedChange,
  text: TextWriter,
): Outcome {
  switch (change.kind) {
    case "inserted":
      return deleteAgain(taking, change, text);
    case "deleted":
      return restore(taking, change, text);
    case "marked":
      return unmark(taking, change, text);
  }
}

function deleteAgain(taking: TakingBack, { container, runs }: InsertedChange, text: TextWriter): Outcome {
  const shown = taking.recorder.aliases.runs(container, runs).flatMap((run) => text.shownOf(run).runs);
  if (shown.length === 0) return "CHANGED_SINCE";
  text.deleteRuns(shown);
  return "taken";
}

/** Each part goes where it was among what others have typed there since. */
function restore(taking: TakingBack, change: DeletedChange, text: TextWriter): Outcome {
  const { aliases } = taking.recorder;
  const { container, runs, content } = change;
  const places = runs.map((run) => placeOf(text, aliases.runs(container, [run]), run.end - run.start));
  const pieces = places.flatMap((place) => (place === undefined ? [] : splitByPlace(text, place)));
  if (!places.includes(undefined)) {
    aliases.addRuns(container, runs, text.target.id, text.restore(pieces, content));
    return "taken";
  }
  const at = placeBehind(taking, change, text);
  if (at === undefined) return "PLACE_GONE";
  text.insert(at, content);
  aliases.addRuns(container, runs, text.target.id, text.runs(at, content.length));
  return "taken";
}

/** Where the unit that was before the deleted ones ends now. */
function placeBehind({ recorder }: TakingBack, change: DeletedChange, text: TextWriter): number | undefined {
  const { container, previous } = change;
  if (previous === undefined) return 0;
  for (const { actor, start } of recorder.aliases.runs(container, [previous]).reverse()) {
    const at = text.indexOf({ at: "after", actor: actorId(actor), counter: start });
    if (at !== undefined) return at;
  }
  return undefined;
}

/** The run itself, or the latest that stands for all of it, as far as the text knows it. */
function placeOf(text: TextWriter, runs: readonly ElementRun[], count: number): ElementRun | undefined {
  return runs.findLast((run) => {
    const isWhole = run.end - run.start === count;
    return isWhole && isKnown(text, run, run.start) && isKnown(text, run, run.end - 1);
  });
}

function isKnown(text: TextWriter, run: ElementRun, counter: number): boolean {
  return indexOf(text, run, counter) !== undefined;
}

function indexOf(text: TextWriter, { actor }: ElementRun, counter: number): number | undefined {
  return text.indexOf({ at: "before", actor: actorId(actor), counter });
}

/** The parts of a run of deleted units between which something shows. */
function splitByPlace(text: TextWriter, run: ElementRun): ElementRun[] {
  const { start, end } = run;
  if (end - start === 1 || indexOf(text, run, start) === indexOf(text, run, end - 1)) return [run];
  const middle = (start + end) >> 1;
  const parts = [...splitByPlace(text, { ...run, end: middle }), ...splitByPlace(text, { ...run, start: middle })];
  return parts.reduce<ElementRun[]>((joined, part) => {
    const last = joined.at(-1);
    if (last === undefined || indexOf(text, part, part.start) !== indexOf(text, last, last.end - 1)) joined.push(part);
    else joined[joined.length - 1] = { ...last, end: part.end };
    return joined;
  }, []);
}

/** Where the mark decides still, what it replaced is marked again. */
function unmark({ recorder }: TakingBack, change: MarkedChange, text: TextWriter): Outcome {
  const { aliases } = recorder;
  const { container, name, key, before } = change;
  const cell = marksCell(text.target.id, name);
  const mark = aliases.originalOf(marksCell(container, name), key);
  const borders = before.flatMap((from) => {
    const index = indexOfAnchor(aliases, container, text, from.at);
    return index === undefined ? [] : [{ index, from }];
  });
  // A mark may stand for a part of another one: what else that one decides is none of its own.
  const start = borders[0]?.index ?? 0;
  const end = indexOfAnchor(aliases, container, text, change.end) ?? text.length;
  const stretches = text
    .decided(name)
    .filter((stretch) => aliases.originalOf(cell, stretch.key) === mark)
    .map((stretch) => ({ ...stretch, from: Math.max(stretch.from, start), to: Math.min(stretch.to, end) }))
    .filter(({ from, to }) => from < to);
  if (stretches.length === 0) return "CHANGED_SINCE";
  for (const stretch of stretches) {
    const within = borders.filter(({ index }) => index > stretch.from && index < stretch.to);
    const first = borders.findLast(({ index }) => index <= stretch.from);
    const parts = [{ index: stretch.from, from: first?.from }, ...within];
    for (const [i, { index, from }] of parts.entries()) {
      markAgain(aliases, text, { ...stretch, from: index, to: parts[i + 1]?.index ?? stretch.to }, name, from);
    }
  }
  return "taken";
}

/** Takes over the ends of the mark where a stretch ends with it: what is typed there later is in it, or not, as before. */
function markAgain(
  aliases: Aliases,
  text: TextWriter,
  { from, to, mark }: DecidedStretch,
  name: string,
  was: MarkedFrom | undefined,
): void {
  const start = text.indexOf(mark.from) === from ? mark.from : text.position(from, "after");
  const end = text.indexOf(mark.to) === to ? mark.to : text.position(to, "after");
  const key = text.putMark(name, was?.value, start, end);
  aliases.add(marksCell(text.target.id, name), key, was?.original ?? NOTHING);
}

function indexOfAnchor(aliases: Aliases, container: ContainerId, text: TextWriter, anchor: Anchor): number | undefined {
  if (anchor.at === "start" || anchor.at === "end") return text.indexOf(anchor);
  const { at, actor, counter } = anchor;
  const runs = aliases.runs(container, [{ actor, start: counter, end: counter + 1 }]);
  for (const run of runs.reverse()) {
    const index = text.indexOf({ at, actor: actorId(run.actor), counter: run.start });
    if (index !== undefined) return index;
  }
  return undefined;
}
