/**
 * Text: a sequence of UTF-16 units that many edit at once. Positions and counts are in UTF-16 units.
 *
 * Its marks are a container of their own whose id derives from the text's, so they come and go with it.
 */
import { actorId, type ContainerId, compareBytes, utf8 } from "../../base/index.ts";
import { GENERATION_ZERO, nestedContainerId } from "../cell-key.ts";
import { type MarkCell, markKey } from "../cells/mark.ts";
import type { ContainerWriter } from "../containers/container.ts";
import type { TextContainer } from "../containers/text-container.ts";
import { compareContents } from "../content.ts";
import type { EditObserver } from "../edit-observer.ts";
import type { ContainerJoins } from "../joins/joins.ts";
import { MARK_NAME_BYTES_MAX } from "../limits.ts";
import { WriteRefused } from "../refusal.ts";
import { type Stored, storedToValue, valueToStored } from "../stored.ts";
import type { Anchor, AnchorSide } from "../text/anchor.ts";
import type { ElementRun } from "../text/by-id.ts";
import { type Span, spansOf } from "../text/spans.ts";
import type { Value } from "../value.ts";
import type { HandleHost, Views, WriterHost, Writers } from "./handles.ts";

/** At which of its ends a mark takes in what is typed there: bold grows after, a link does not grow. */
export type MarkExpand = "after" | "before" | "both" | "none";

/** A stretch of text and what marks say of it, by name. */
export interface TextSpan {
  readonly text: string;
  readonly marks: ReadonlyMap<string, Value>;
}

/** What the marks of one name say of a stretch. */
export interface TextMark {
  readonly from: number;
  readonly to: number;
  readonly name: string;
  readonly value: Value;
}

/** What one mark says of a stretch. */
export interface DecidedStretch {
  readonly from: number;
  readonly to: number;
  /** Names the mark among those of its text, see `markKey`. */
  readonly key: string;
  readonly mark: MarkCell;
}

export class TextView<H extends Views = Views> {
  readonly target: TextContainer;
  readonly #handles: HandleHost<H>;
  #marksId: ContainerId | undefined;

  constructor(handles: HandleHost<H>, target: TextContainer) {
    this.#handles = handles;
    this.target = target;
  }

  get length(): number {
    return this.target.state().length;
  }

  toString(): string {
    return this.target.state().toString();
  }

  slice(from: number, to: number): string {
    return this.target.state().slice(from, to);
  }

  /** The place before a position, as an anchor that survives every edit; it belongs to the unit on that side of it. */
  position(index: number, side: AnchorSide): Anchor {
    if (!isWithin(index, this.length)) throw outOfRange();
    return this.target.state().anchorAt(index, side);
  }

  /** Where an anchor is now; undefined when what it names is not known here. */
  indexOf(anchor: Anchor): number | undefined {
    return this.target.state().indexOf(anchor);
  }

  /** The ids of `count` units from a position on: what was just inserted, or is about to be deleted. */
  runs(position: number, count: number): ElementRun[] {
    if (!isWithin(position, this.length) || !isWithin(count, this.length - position)) throw outOfRange();
    return this.target.state().runsAt(position, count);
  }

  /** Of a run, the units that are there still, in order, and what they say. */
  shownOf({ actor, start, end }: ElementRun): { readonly runs: ElementRun[]; readonly content: string } {
    const from = this.indexOf({ at: "before", actor: actorId(actor), counter: start });
    const to = this.indexOf({ at: "after", actor: actorId(actor), counter: end - 1 });
    const runs: ElementRun[] = [];
    let content = "";
    if (from === undefined || to === undefined || from >= to) return { runs, content };
    let position = from;
    for (const run of this.runs(from, to - from)) {
      const first = Math.max(start, run.start);
      const last = Math.min(end, run.end);
      if (first < last && compareBytes(run.actor, actor) === 0) {
        runs.push({ actor, start: first, end: last });
        content += this.slice(position + first - run.start, position + last - run.start);
      }
      position += run.end - run.start;
    }
    return { runs, content };
  }

  /** The whole text in stretches of equal marks. */
  toSpans(): TextSpan[] {
    return this.#spans().map(({ from, to, marks }) => ({
      text: this.slice(from, to),
      marks: new Map(marks.map(([name, value]) => [name, storedToValue(value)])),
    }));
  }

  /** What is marked, by start and name. */
  marks(): TextMark[] {
    const ended: TextMark[] = [];
    const open = new Map<string, { from: number; to: number; value: Stored }>();
    for (const { from, to, marks } of this.#spans()) {
      for (const [name, value] of marks) {
        const last = open.get(name);
        if (last !== undefined && last.to === from && compareContents(last.value, value) === 0) last.to = to;
        else {
          if (last !== undefined) ended.push(toTextMark(name, last));
          open.set(name, { from, to, value });
        }
      }
    }
    for (const [name, last] of open) ended.push(toTextMark(name, last));
    return ended.sort((a, b) => a.from - b.from || (a.name < b.name ? -1 : 1));
  }

  /** Marks that were ever made: `toSpans` and `marks` look at each, against those that hold at its ends. */
  get markCount(): number {
    return this.#handles.resolve("marks", this.marksId()).target.liveCount();
  }

  /** The names that any mark was ever made with. */
  markNames(): string[] {
    const marks = this.#handles.resolve("marks", this.marksId()).all();
    return [...new Set(marks.map(([, { name }]) => name))].sort();
  }

  /** Where a mark of this name decides, and which one, also where it takes marks away. */
  decided(name: string): DecidedStretch[] {
    const marks = this.#placed((mark) => mark.name === name);
    // The number of a mark, as its value, says which of them a stretch goes by.
    const numbered = marks.map(({ from, to }, number) => ({ name, from, to, value: number }));
    return spansOf(numbered, this.length).flatMap(({ from, to, marks: [held] }) => {
      const by = held === undefined ? undefined : marks[held[1] as number];
      return by === undefined ? [] : [{ from, to, key: by.key, mark: by.mark }];
    });
  }

  protected marksId(): ContainerId {
    this.#marksId ??= nestedContainerId(this.target.id, "", "marks", GENERATION_ZERO);
    return this.#marksId;
  }

  #spans(): Span[] {
    const placed = this.#placed(() => true);
    return spansOf(
      placed.map(({ mark, from, to }) => ({ name: mark.name, value: mark.value, from, to })),
      this.length,
    );
  }

  /** Marks whose ends are known here, in their order. */
  #placed(isWanted: (mark: MarkCell) => boolean): DecidedStretch[] {
    const placed: DecidedStretch[] = [];
    for (const [key, mark] of this.#handles.resolve("marks", this.marksId()).all()) {
      if (!isWanted(mark)) continue;
      const from = this.indexOf(mark.from);
      const to = this.indexOf(mark.to);
      if (from !== undefined && to !== undefined) placed.push({ from, to, key, mark });
    }
    return placed;
  }
}

export class TextWriter extends TextView<Writers> implements ContainerWriter {
  isTouched = false;
  readonly #host: WriterHost;
  /** Whether the edits of this transaction are in the sequence. */
  #isEdited = false;
  #joins: Uint8Array | undefined;
  #isMarked = false;

  constructor(host: WriterHost, target: TextContainer) {
    super(host, target);
    this.#host = host;
  }

  insert(position: number, text: string): void {
    if (typeof text !== "string") throw new WriteRefused("VALUE_INVALID", "a text takes text");
    if (!isWithin(position, this.length)) throw outOfRange();
    if (text.length === 0) return;
    this.#touch();
    this.target.state().insert(this.#host.origin.actor, position, text);
    this.#host.observer?.onInserted(this, this.runs(position, text.length));
  }

  delete(position: number, count: number): void {
    if (!isWithin(position, this.length) || !isWithin(count, this.length - position)) throw outOfRange();
    if (count === 0) return;
    this.#touch();
    const end = position + count;
    this.#host.observer?.onDeleting(this, this.runs(position, count), this.slice(position, end));
    this.target.state().delete(this.#host.origin.actor, position, count);
  }

  /** Deletes by id what of the runs is still there. */
  deleteRuns(runs: readonly ElementRun[]): void {
    this.#touch();
    const { observer } = this.#host;
    if (observer !== undefined) for (const run of runs) this.#tellDeleting(observer, run);
    this.target.state().deleteRuns(this.#host.origin.actor, runs);
  }

  /** Puts text back behind the runs from which it was deleted, as new units; gives their ids. */
  restore(runs: readonly ElementRun[], text: string): ElementRun[] {
    this.#touch();
    const inserted = this.target.state().insertBehind(this.#host.origin.actor, runs, text);
    this.#host.observer?.onInserted(this, inserted);
    return inserted;
  }

  /**
   * Marks the units from `from` up to `to`: over each, the last mark of a name holds. Gives the key of the mark; none
   * is made of no units.
   */
  mark(
    from: number,
    to: number,
    name: string,
    value: Value,
    { expand = "after" }: { expand?: MarkExpand } = {},
  ): string | undefined {
    return this.#mark(from, to, name, valueToStored(value), expand);
  }

  /** Takes away what is marked with a name there. */
  unmark(
    from: number,
    to: number,
    name: string,
    { expand = "after" }: { expand?: MarkExpand } = {},
  ): string | undefined {
    return this.#mark(from, to, name, undefined, expand);
  }

  /** Marks a stretch by its ends, or takes away what is marked there; gives the key of the mark. */
  putMark(name: string, value: Value | undefined, from: Anchor, to: Anchor): string {
    return this.#put({ name, value: value === undefined ? undefined : valueToStored(value), from, to });
  }

  #put(mark: MarkCell): string {
    this.#isMarked = true;
    const marks = this.#host.resolve("marks", this.marksId());
    const { stamp, actor } = this.#host.origin;
    const key = markKey(stamp, actor, marks.count);
    this.#host.observer?.onMarking(this, mark, key);
    marks.add(mark);
    return key;
  }

  joins(): ContainerJoins | undefined {
    if (!this.#isEdited) return undefined;
    this.#joins ??= this.target.state().takeJoin();
    if (this.#joins === undefined) return undefined;
    return { type: "text", name: this.target.fieldName ?? this.target.id, joins: this.#joins };
  }

  commit(): void {
    if (this.#joins !== undefined) this.target.mark(this.#joins, this.#host.origin);
  }

  undo(): void {
    if (this.#isEdited) this.target.drop();
    this.#isEdited = false;
    this.#joins = undefined;
    if (this.#isMarked) this.#host.discard("marks", this.marksId());
    this.#isMarked = false;
  }

  #tellDeleting(observer: EditObserver, run: ElementRun): void {
    const shown = this.shownOf(run);
    if (shown.runs.length > 0) observer.onDeleting(this, shown.runs, shown.content);
  }

  #mark(from: number, to: number, name: string, value: Stored | undefined, expand: MarkExpand): string | undefined {
    if (!isWithin(to, this.length) || !isWithin(from, to)) throw outOfRange();
    if (!isMarkName(name)) {
      throw new WriteRefused("MARK_NAME_INVALID", `a mark has a name of at most ${MARK_NAME_BYTES_MAX} bytes of UTF-8`);
    }
    if (from === to) return undefined;
    const startsEarly = expand === "before" || expand === "both";
    const endsLate = expand === "after" || expand === "both";
    return this.#put({
      name,
      value,
      from: this.position(from, startsEarly ? "before" : "after"),
      to: this.position(to, endsLate ? "after" : "before"),
    });
  }

  #touch(): void {
    this.#host.assertOpen();
    if (this.#isEdited) return;
    this.#host.record(this);
    this.#isEdited = true;
  }
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

function isMarkName(name: string): boolean {
  return typeof name === "string" && name !== "" && name.isWellFormed() && utf8(name).length <= MARK_NAME_BYTES_MAX;
}

function toTextMark(name: string, { from, to, value }: { from: number; to: number; value: Stored }): TextMark {
  return { from, to, name, value: storedToValue(value) };
}

function outOfRange(): WriteRefused {
  return new WriteRefused("TEXT_OUT_OF_RANGE", "position and count must lie within the text");
}
