/**
 * Where Ink's layout meets what is drawn. Ink lays out the blocks and writes frames in which each is one sign at its upper left
 * corner; here the text of the blocks takes the place of the signs. Ink's own drawing makes an object of every cell, which
 * costs more than all the rest of a frame.
 */
import { blocksOf, type Frame } from "./frame.js";

/** Signs for private use: one for each block, in the order of the frame. They reach no terminal. */
const FIRST_SIGN = 0xe000;

/** What Ink draws for the block of that number. */
export function signOf(number: number): string {
  return String.fromCharCode(FIRST_SIGN + number);
}

/** What Ink would write for the frame: as long as it is not loaded. */
export function stack(frame: Frame): string {
  let number = 0;
  let top = 0;
  const rows = Array.from({ length: frame.rows }, () => "");
  for (const band of frame.bands) {
    let [left, bottom] = [0, top];
    for (const column of band) {
      let y = top;
      for (const { height } of column) {
        if (y < rows.length) rows[y] = rows[y].padEnd(left) + signOf(number);
        number++;
        y += height;
      }
      left += Math.max(0, ...column.map(({ width }) => width));
      bottom = Math.max(bottom, y);
    }
    top = bottom;
  }
  return rows.join("\n");
}

interface Placed {
  readonly column: number;
  readonly width: number;
  readonly text: string;
}

/** The frame as text, each block where Ink has put its sign. */
export function fillIn(frame: Frame, laidOut: string): string {
  const blocks = blocksOf(frame);
  const rows: Placed[][] = Array.from({ length: frame.rows }, () => []);
  for (const [y, line] of laidOut.split("\n").entries()) {
    for (let column = 0; column < line.length; column++) {
      const block = blocks[line.charCodeAt(column) - FIRST_SIGN];
      if (!block) continue;
      for (const [i, text] of block.text.split("\n").entries()) rows[y + i]?.push({ column, width: block.width, text });
    }
  }
  return rows.map(joinRow).join("\n");
}

function joinRow(row: readonly Placed[]): string {
  let text = "";
  let end = 0;
  for (const placed of row.toSorted((a, b) => a.column - b.column)) {
    text += " ".repeat(placed.column - end) + placed.text;
    end = placed.column + placed.width;
  }
  return text.trimEnd();
}
