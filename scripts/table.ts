/** Rows of text under headings, in columns as wide as their widest cell; the last column is cut at the terminal's width. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[], columns = 160): string {
  const all = [headings, ...rows].map((row) => row.map((cell) => cell.replaceAll(/\s+/g, ' ')));
  const widths = headings.map((_, index) => Math.max(...all.map((row) => row[index]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return all.map((row) => cut(line(row), columns)).join('\n');
}

const cut = (line: string, columns: number) => (line.length <= columns ? line : `${line.slice(0, columns - 1)}…`);
