/**
 * The tokens of a TypeScript source, as far as types and the shape of object literals need them: names, strings,
 * numbers and single punctuation marks. Comments go; a template is one string token. A regular expression is not told
 * from a division, so what follows one may be misread: the types there come out unknown.
 */
export interface Token {
  readonly kind: "name" | "string" | "number" | "mark";
  readonly text: string;
}

const SKIPPED = /(?:\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y;
const NAME = /[\p{ID_Start}$_][\p{ID_Continue}$]*/uy;
const NUMBER = /\d[\w.]*/y;
const STRING = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'/y;
const ARROW = /=>/y;

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const text = pattern.exec(source)?.[0];
    at += text?.length ?? 0;
    return text;
  };
  while (at < source.length) {
    if (take(SKIPPED) !== undefined) continue;
    const name = take(NAME);
    const number = name === undefined ? take(NUMBER) : undefined;
    const string = name === undefined && number === undefined ? take(STRING) : undefined;
    if (name !== undefined) tokens.push({ kind: "name", text: name });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (string !== undefined) tokens.push({ kind: "string", text: string.slice(1, -1) });
    else if (source[at] === "`") at = templateEnd(source, at);
    else tokens.push({ kind: "mark", text: take(ARROW) ?? (source[at++] as string) });
  }
  return tokens;
}

/** After the template that starts at `at`; what it interpolates is not looked into. */
function templateEnd(source: string, at: number): number {
  let depth = 0;
  for (let i = at + 1; i < source.length; i++) {
    const character = source[i];
    if (character === "\\") i++;
    else if (character === "$" && source[i + 1] === "{") depth++;
    else if (character === "}" && depth > 0) depth--;
    else if (character === "`" && depth === 0) return i + 1;
  }
  return source.length;
}
