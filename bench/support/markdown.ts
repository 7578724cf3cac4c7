/** A table, with its columns aligned to the right. */
export function markdown([header = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const widths = header.map((name, column) => Math.max(3, ...[header, ...rows].map((row) => row[column]?.length ?? 0)));
  const padded = (cells: readonly string[]): string[] =>
    cells.map((cell, column) => cell.padStart(widths[column] ?? 0));
  const rule = widths.map((width) => `${'-'.repeat(width - 1)}:`);
  return [line(padded(header)), line(rule), ...rows.map((row) => line(padded(row)))].join('\n');
}
