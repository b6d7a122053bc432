/** Where a row is stored: what an error or a bar says of it. */
import type { DataPlace } from "../errors.js";

/**
 * The row group of a row, 0-based. `groupStarts` has the first row of each group, and is absent where there is one group: most
 * files have one, and there may be very many files.
 */
export function rowGroupOf(groupStarts: readonly number[] | undefined, row: number): number {
  if (groupStarts === undefined) return 0;
  return groupStarts.findLastIndex((firstRow) => firstRow <= row);
}

/** The place of a row of a scanned file. */
export function placeOfRow(
  file: { readonly found: { readonly name: string }; readonly groupStarts?: readonly number[] },
  row: number,
): DataPlace & { readonly file: string } {
  return { file: file.found.name, rowGroup: rowGroupOf(file.groupStarts, row), row };
}
