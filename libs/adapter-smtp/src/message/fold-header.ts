// RFC 5322, 2.1.1.
const LINE = 78;

/** A header as it is sent: broken before blanks, where they are. */
export function foldedValue(name: string, value: string): string {
  const lines: string[] = [];
  let line = `${name}: `;
  for (const word of value.match(/\s*\S+/g) ?? []) {
    if (line.length + word.length > LINE && line.trim() !== `${name}:` && /^\s/.test(word)) {
      lines.push(line);
      line = '';
    }
    line += word;
  }
  return [...lines, line].join('\r\n').slice(name.length + 2);
}
