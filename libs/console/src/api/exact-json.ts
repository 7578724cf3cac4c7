const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const INDENT = '  ';

/**
 * The value of a member of a JSON object, as it is written there; undefined if there is no such member. `JSON.parse` would
 * round a number with more digits than a double has.
 */
export function memberText(json: string, name: string): string | undefined {
  const wanted = JSON.stringify(name);
  let depth = 0;
  let before = '';
  let start: number | undefined;
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token === '}' || token === ']') depth--;
    if (start !== undefined && (token === ',' || token === '}') && depth <= 1 && index > start) {
      const isEnd = token === ',' ? depth === 1 : depth === 0;
      if (isEnd) return json.slice(start, index).trim();
    }
    if (token === ':' && depth === 1 && before === wanted && start === undefined) start = index + 1;
    if (token === '{' || token === '[') depth++;
    before = token;
  }
  return undefined;
}

/** The same JSON with line breaks and indentation, as `JSON.stringify(value, null, 2)` writes it. */
export function indented(json: string): string {
  let text = '';
  let depth = 0;
  let before = '';
  const line = (): string => `\n${INDENT.repeat(depth)}`;
  for (const [token] of json.matchAll(TOKEN)) {
    const isEnd = token === '}' || token === ']';
    if (isEnd) depth--;
    const isOpen = before === '{' || before === '[';
    if (isEnd ? !isOpen : isOpen || before === ',') text += line();
    text += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth++;
    before = token;
  }
  return text;
}
