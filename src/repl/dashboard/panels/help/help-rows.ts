/** The help, made from the two tables of keys. Pure. */
import type { KeyBinding } from "../../../language/verb.js";
import { fitRow, fitText, line, span, textWidth, wrapText, type Row } from "../../parts/row.js";
import { STATE_LEGEND } from "../../parts/strip.js";

/** A row of the table of screen keys. */
export interface HelpEntry {
  readonly keys: readonly string[];
  readonly about: string;
}

const KEY_NAMES: Readonly<Record<string, string>> = {
  right: "→",
  left: "←",
  up: "↑",
  down: "↓",
  enter: "Enter",
  esc: "Esc",
  tab: "Tab",
  "shift-tab": "Shift-Tab",
  home: "Home",
  end: "End",
  "page-up": "PgUp",
  "page-down": "PgDn",
};

/** Where arrows cannot be drawn, `<` and `>` would be taken for the keys of that name. */
const ARROW_NAMES: Readonly<Record<string, string>> = { right: "Right", left: "Left", up: "Up", down: "Down" };

const notes = (ascii: boolean): readonly string[] => [
  `A number before . , ${keyName("left", ascii)} ${keyName("right", ascii)} n N s S d D and before keys of lists is a count: 10. steps ten bars.`,
  "Each key on the left is a command; : takes them all, Tab completes them, help explains them.",
  `Strips: ${STATE_LEGEND}. A cell shows its worst minute.`,
  "Candles: ┃ rose, █ fell, ▒ is incomplete or filled. ◆ breakpoint ◇ mark ● here. ▸ chosen.",
  "Journal: › is what you and the threads did; the rest is in the data and comes again with every replay.",
];

/** `ctrl-d` → `Ctrl-D`. */
export function keyName(key: string, ascii = false): string {
  return (
    (ascii ? ARROW_NAMES[key] : undefined) ??
    KEY_NAMES[key] ??
    key.replace(/^ctrl-(.)$/, (_, letter: string) => `Ctrl-${letter.toUpperCase()}`)
  );
}

export function helpRows(
  commands: readonly KeyBinding[],
  screen: readonly HelpEntry[],
  width: number,
  ascii = false,
): Row[] {
  const left = commands.map(({ key, command, when, about }): Entry => {
    const told = when === undefined ? about : `while it ${when === "playing" ? "plays" : "stands"}`;
    return [keyName(key, ascii), told === undefined ? command : `${command} (${told})`];
  });
  const right = screen.map(({ keys, about }): Entry => [keys.map((key) => keyName(key, ascii)).join(" "), about]);
  const twoColumns = width >= 90;
  return [
    ...(twoColumns
      ? besides(section("Move the session", left, 8), section("Look around", right, 14), Math.floor(width * 0.42))
      : [...section("Move the session", left, 14), [], ...section("Look around", right, 14)]),
    [],
    ...notes(ascii)
      .flatMap((note) => wrapText(note, width - 1))
      .map((text) => line(` ${text}`)),
  ];
}

type Entry = readonly [key: string, about: string];

function section(title: string, entries: readonly Entry[], keyWidth: number): Row[] {
  const widest = Math.max(keyWidth, ...entries.map(([key]) => textWidth(key)));
  return [
    line(` ${title}`, "strong"),
    ...entries.map(([key, about]): Row => [span(` ${fitText(key, widest)}  `, "accent"), span(about)]),
  ];
}

function besides(left: readonly Row[], right: readonly Row[], leftWidth: number): Row[] {
  return Array.from({ length: Math.max(left.length, right.length) }, (_, i): Row => [
    ...fitRow(left[i] ?? [], leftWidth),
    ...(right[i] ?? []),
  ]);
}
