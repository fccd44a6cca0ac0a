/**
 * Makes the editing histories in `fixtures/traces`: a typist with a seed, who mistypes, takes back, jumps back to mend a
 * word, drops a sentence and moves another. The same seed and prose give the same traces.
 *
 * Usage: make-trace [folder]
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Patch } from "../examples/notes/src/traces.ts";
import { createPrng, type Prng } from "../packages/core/src/base/index.ts";
import { TextState } from "../packages/core/src/crdt/index.ts";
import { LETTER, MINUTES, SHARED } from "./trace-prose.ts";

const TYPO = 0.045;
/** Places gone back to once the text is there. */
const SECOND_THOUGHTS = 110;
const NEIGHBOURS = "asdfghjklqwertyuiopzxcvbnméøß";

interface Transaction {
  readonly patches: readonly Patch[];
  readonly time?: string;
  readonly parents?: readonly number[];
  readonly agent?: number;
  readonly numChildren?: number;
}

export interface MadeTrace {
  readonly kind?: string;
  readonly startContent?: string;
  readonly endContent: string;
  readonly numAgents?: number;
  readonly txns: readonly Transaction[];
}

/** A document of code points and the edits made to it. */
class Typist {
  readonly patches: Patch[] = [];
  readonly #prng: Prng;
  #text: string[] = [];

  constructor(prng: Prng) {
    this.#prng = prng;
  }

  get text(): string {
    return this.#text.join("");
  }

  get length(): number {
    return this.#text.length;
  }

  patch(position: number, deleteCount: number, inserted: string): void {
    this.patches.push([position, deleteCount, inserted]);
    this.#text.splice(position, deleteCount, ...inserted);
  }

  /** Types a text, with mistakes that are noticed after up to four letters; where the hand then is. */
  type(position: number, text: string): number {
    const prng = this.#prng;
    const letters = [...text];
    let at = position;
    for (let i = 0; i < letters.length; i++) {
      if (prng.chance(TYPO)) {
        const typed = [prng.pick([...NEIGHBOURS]), ...letters.slice(i + 1, i + 1 + prng.below(4))];
        for (const letter of typed) this.patch(at++, 0, letter);
        for (let back = typed.length; back > 0; back--) this.patch(--at, 1, "");
      }
      this.patch(at++, 0, letters[i] as string);
    }
    return at;
  }

  /** Jumps to a word, takes its ending back letter by letter, and types it again. */
  mendWord(): void {
    const words = [...this.text.matchAll(/\p{L}{4,12}/gu)];
    if (words.length === 0) return;
    const found = this.#prng.pick(words);
    const [word] = found;
    const start = [...this.text.slice(0, found.index)].length;
    const tail = 1 + this.#prng.below([...word].length);
    const end = start + [...word].length;
    const ending = [...word].slice(-tail).join("");
    for (let at = end; at > end - tail; at--) this.patch(at - 1, 1, "");
    this.type(end - tail, ending);
  }

  /** Drops a sentence and writes it again. */
  rewriteSentence(): void {
    const sentences = [...this.text.matchAll(/[^.?!\n]{10,}[.?!] /gu)];
    if (sentences.length === 0) return;
    const found = this.#prng.pick(sentences);
    const start = [...this.text.slice(0, found.index)].length;
    this.patch(start, [...found[0]].length, "");
    this.type(start, found[0]);
  }

  /** Cuts a sentence out, and pastes it before another or drops it. */
  moveSentence(keep: boolean): void {
    const sentences = [...this.text.matchAll(/[^.?!\n]{10,}[.?!] /gu)];
    if (sentences.length < 2) return;
    const found = this.#prng.pick(sentences);
    const start = [...this.text.slice(0, found.index)].length;
    this.patch(start, [...found[0]].length, "");
    if (!keep) return;
    const places = [...this.text.matchAll(/[.?!] /gu)];
    const place = this.#prng.pick(places);
    this.patch([...this.text.slice(0, place.index + 2)].length, 0, found[0]);
  }
}

/** One writer, one text. */
export function makeSequential(prose: readonly string[], seed: number): MadeTrace {
  const prng = createPrng(seed);
  const typist = new Typist(prng);
  for (const paragraph of prose) {
    for (const sentence of paragraph.split(/(?<=[.?!] )/)) {
      typist.type(typist.length, sentence);
      if (prng.chance(0.55)) typist.mendWord();
      if (prng.chance(0.1)) typist.moveSentence(true);
      if (prng.chance(0.02)) typist.moveSentence(false);
    }
    typist.type(typist.length, "\n\n");
  }
  for (let i = 0; i < SECOND_THOUGHTS; i++) {
    typist.mendWord();
    if (prng.chance(0.3)) typist.rewriteSentence();
    if (prng.chance(0.05)) typist.moveSentence(true);
  }
  const txns = typist.patches.map((patch, i) => ({ time: timeOf(i), patches: [patch] }));
  return { startContent: "", endContent: typist.text, txns };
}

/** Two writers, each in a paragraph of their own, who hear of each other now and then. */
export function makeConcurrent(prose: readonly string[], seed: number): MadeTrace {
  const prng = createPrng(seed);
  const names = ["Ada", "Björn"];
  const actors = names.map((_, i) => new Uint8Array(16).fill(i + 1));
  const texts = names.map(() => new TextState());
  const heads: number[][] = [[], []];
  const txns: { parents: number[]; agent: number; patches: Patch[]; numChildren: number; time: string }[] = [];
  const joins: Uint8Array[] = [];
  const heard = [0, 0];
  const edit = (agent: number, position: number, deleteCount: number, inserted: string): void => {
    const text = texts[agent] as TextState;
    const points = (from: number, to: number): number => [...text.slice(from, to)].length;
    const patch: Patch = [points(0, position), points(position, position + deleteCount), inserted];
    text.delete(actors[agent] as Uint8Array, position, deleteCount);
    text.insert(actors[agent] as Uint8Array, position, inserted);
    for (const parent of heads[agent] as number[]) (txns[parent] as { numChildren: number }).numChildren++;
    joins.push(text.takeJoin() ?? new Uint8Array());
    txns.push({
      parents: heads[agent] as number[],
      agent,
      patches: [patch],
      numChildren: 0,
      time: timeOf(txns.length),
    });
    heads[agent] = [txns.length - 1];
  };
  const hear = (agent: number): void => {
    const other = 1 - agent;
    for (let i = heard[agent] as number; i < txns.length; i++) {
      if (txns[i]?.agent === other) texts[agent]?.apply(joins[i] as Uint8Array, actors[other] as Uint8Array);
    }
    heard[agent] = txns.length;
    heads[agent] = frontier(txns, [...(heads[agent] as number[]), ...(heads[other] as number[])]);
  };
  edit(0, 0, 0, names.map((name) => `${name}: \n`).join(""));
  hear(1);
  const todo = names.map((_, agent) => [...prose.filter((_, i) => i % 2 === agent).join(" ")]);
  while (todo.some((letters) => letters.length > 0)) {
    const agent = prng.below(2);
    if (prng.chance(0.08)) hear(agent);
    for (let burst = 1 + prng.below(9); burst > 0; burst--) {
      const letter = todo[agent]?.shift();
      if (letter === undefined) break;
      const all = String(texts[agent]);
      const end = all.indexOf("\n", all.indexOf(`${names[agent]}: `));
      edit(agent, end, 0, letter);
      if (prng.chance(0.06) && letter.length === 1) {
        edit(agent, end, 1, "");
        edit(agent, end, 0, letter);
      }
    }
  }
  hear(0);
  return { kind: "concurrent", endContent: String(texts[0]), numAgents: 2, txns };
}

/** Of two heads, those that the other does not follow. */
function frontier(txns: readonly { readonly parents: readonly number[] }[], heads: readonly number[]): number[] {
  const unique = [...new Set(heads)].sort((a, b) => a - b);
  const newest = unique.at(-1) as number;
  const queue = [newest];
  const seen = new Set<number>();
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    queue.push(...(txns[next]?.parents ?? []));
  }
  return unique.filter((head) => head === newest || !seen.has(head));
}

function timeOf(step: number): string {
  return new Date(Date.UTC(2026, 0, 1) + step * 150).toISOString();
}

function main(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const made = {
    letter: makeSequential(LETTER, 1),
    minutes: makeSequential(MINUTES, 2),
    "field-notes": makeConcurrent(SHARED, 3),
  };
  for (const [name, trace] of Object.entries(made)) {
    writeFileSync(join(folder, `${name}.json.gz`), gzipSync(JSON.stringify(trace), { level: 9 }));
    console.log(`${name}: ${trace.txns.length} edits, ${trace.endContent.length} units`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main(process.argv[2] ?? "fixtures/traces");
