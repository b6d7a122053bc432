/** A panel as exactly `height` rows of `width` cells, with its title in the border. Pure. */
import { fitRow, fitText, span, textWidth, type Row } from "./row.js";

export interface Framed {
  readonly title: string;
  readonly note?: string;
  readonly rows: readonly Row[];
  readonly focused: boolean;
}

const SINGLE = { h: "─", v: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘" };
/** The panel that has the focus: told by the strokes, not by a colour alone. */
const DOUBLE = { h: "═", v: "║", topLeft: "╔", topRight: "╗", bottomLeft: "╚", bottomRight: "╝" };

export function framedRows({ title, note = "", rows, focused }: Framed, width: number, height: number): Row[] {
  const { h, v, topLeft, topRight, bottomLeft, bottomRight } = focused ? DOUBLE : SINGLE;
  const tone = focused ? "accent" : "dim";
  const inner = width - 2;
  const titleText = fitText(title, Math.min(textWidth(title), inner - 3));
  const room = inner - textWidth(titleText) - 5;
  const noteText = note === "" || room < 4 ? "" : ` ${fitText(note, Math.min(textWidth(note), room))} `;
  const rule = h.repeat(Math.max(0, inner - 3 - textWidth(titleText) - textWidth(noteText)));
  const body = Array.from({ length: height - 2 }, (_, i): Row => [
    span(v, tone),
    ...fitRow(rows[i] ?? [], inner),
    span(v, tone),
  ]);
  return [
    [
      span(`${topLeft} `, tone),
      span(titleText, "strong"),
      span(` ${rule}`, tone),
      span(noteText, "dim"),
      span(`${h}${topRight}`, tone),
    ],
    ...body,
    [span(`${bottomLeft}${h.repeat(inner)}${bottomRight}`, tone)],
  ];
}
