/**
 * A table of plain columns: shown by its head and tail, with shape and units; turned into rows, typed arrays, CSV and
 * Parquet. Knows no session.
 */
import { checkText } from "./arguments.js";
import { escapeHtml, NOTE, Shown, TITLE } from "./display.js";
import { cellText, standsRight, type Column } from "./column.js";
import { csvText, parquetColumns, writeText } from "./table-files.js";
import { writeParquet } from "../../engine/index.js";
import { Time } from "./time.js";
import { formatTable } from "../output/table.js";
import { plural } from "../output/format.js";

/** A column of numbers or texts. Times are microseconds UTC; what is not known is NaN. */
export type TypedColumn = Float64Array | Int32Array | readonly string[];

/** What a table is made of. */
export interface TableParts {
  readonly title: string;
  /** The exchange's zone, for columns of times. */
  readonly zone: string;
  readonly columns: readonly Column[];
  /** Lines below the table. HTML stands for the text where there is any. */
  readonly notes?: readonly { readonly text: string; readonly html?: string }[];
  /** Rows shown at most; the head and the tail of a longer table. 12 when absent. */
  readonly mostRows?: number;
}

const MOST_ROWS = 12;
const CELL = "padding: 2px 10px; white-space: nowrap; font-size: 12px; ";
const RULE = "border-bottom: 1px solid rgba(128, 128, 128, 0.4); ";

/**
 * A table that shows itself and converts.
 *
 * @example
 * const gaps = s.gaps();
 * gaps.show(); // head and tail
 * gaps.rows().filter((gap) => gap.bars >= 3); // plain objects
 * gaps.columns().bars; // Int32Array or Float64Array
 * await gaps.writeParquet("gaps.parquet");
 */
export class Table<Row extends object, Columns extends object = Record<string, TypedColumn>>
  extends Shown
  implements Iterable<Row>
{
  readonly #parts: TableParts;

  constructor(parts: TableParts) {
    super();
    this.#parts = parts;
  }

  /** How many rows there are. */
  get length(): number {
    return this.#parts.columns[0]?.values.length ?? 0;
  }

  /** What stands above it. */
  get title(): string {
    return this.#parts.title;
  }

  /**
   * One row as a plain object; a negative index counts from the end.
   *
   * @throws RangeError when there is no such row
   * @example
   * s.bars("AAPL").row(-1).close;
   */
  row(index: number): Row {
    const at = index < 0 ? this.length + index : index;
    if (!Number.isInteger(at) || at < 0 || at >= this.length)
      throw new RangeError(`${this.title}: there is no row ${index}, there are ${plural(this.length, "row")}`);
    return Object.fromEntries(this.#parts.columns.map((column) => [column.name, this.#value(column, at)])) as Row;
  }

  /**
   * All rows as plain objects.
   *
   * @example
   * s.gaps().rows().map((gap) => gap.bars);
   */
  rows(): Row[] {
    return Array.from({ length: this.length }, (_, i) => this.row(i));
  }

  [Symbol.iterator](): Iterator<Row> {
    return this.rows()[Symbol.iterator]();
  }

  /**
   * The columns by name: typed arrays of numbers (times in microseconds UTC, under a name that ends in `Us`), and arrays of texts. Copies.
   *
   * @example
   * const { close } = s.bars("AAPL").columns();
   * Math.max(...close);
   */
  columns(): Columns {
    return Object.fromEntries(
      this.#parts.columns.map(({ name, kind, values }) => [kind === "time" ? `${name}Us` : name, values.slice()]),
    ) as Columns;
  }

  /**
   * As CSV with a line of names; times in ISO 8601 UTC, nothing where a value is not known.
   *
   * @example
   * s.gaps().toCsv();
   */
  toCsv(): string {
    return csvText(this.#parts.columns);
  }

  /**
   * Writes `toCsv()` to a file. Resolves with the number of rows.
   *
   * @throws FileError when it cannot be written
   * @example
   * await s.bars("AAPL", "5m").writeCsv("aapl-5m.csv");
   */
  async writeCsv(file: string): Promise<number> {
    checkText("writeCsv", file, 's.gaps().writeCsv("gaps.csv")');
    await writeText(file, this.toCsv());
    return this.length;
  }

  /**
   * Writes a Parquet file. Resolves with the number of rows. The file of base bars opens again with `open`.
   *
   * @throws FileError when it cannot be written
   * @example
   * await s.bars("AAPL").writeParquet("aapl.parquet");
   */
  async writeParquet(file: string): Promise<number> {
    checkText("writeParquet", file, 's.gaps().writeParquet("gaps.parquet")');
    await writeParquet(file, parquetColumns(this.#parts.columns));
    return this.length;
  }

  override toString(): string {
    const { notes = [] } = this.#parts;
    const columns = this.#shownColumns();
    const heads = columns.map((column) => ({
      title: [(column.title ?? column.name).toUpperCase(), column.unit].filter(Boolean).join(" "),
      align: standsRight(column) ? ("right" as const) : ("left" as const),
    }));
    const lines = this.#shownRows().map((row) =>
      columns.map((column, i) => (row === undefined ? (i === 0 ? "⋮" : "") : this.#text(column, row))),
    );
    const body = this.length === 0 ? [] : formatTable(heads, lines);
    return [this.#heading(), ...body, ...notes.map(({ text }) => ` ${text}`)].join("\n");
  }

  override toHtml(): string {
    const { notes = [] } = this.#parts;
    const columns = this.#shownColumns();
    const align = (column: Column): string => (standsRight(column) ? "text-align: right" : "text-align: left");
    const head = columns.map((column) => {
      const unit = column.unit === undefined ? "" : ` <span style="opacity: 0.65">${escapeHtml(column.unit)}</span>`;
      return `<th style="${CELL}${RULE}${align(column)}">${escapeHtml(column.title ?? column.name)}${unit}</th>`;
    });
    const rows = this.#shownRows().map((row) => {
      if (row === undefined) return `<tr><td style="${CELL}text-align: left" colspan="${columns.length}">⋮</td></tr>`;
      const cells = columns.map((column) => {
        const content = column.html?.(row) ?? escapeHtml(this.#text(column, row));
        const font = standsRight(column) ? "font-family: monospace; " : "";
        return `<td style="${CELL}${font}${align(column)}">${content}</td>`;
      });
      return `<tr>${cells.join("")}</tr>`;
    });
    const table =
      this.length === 0
        ? ""
        : `<div style="overflow: auto"><table style="border-collapse: collapse; margin: 4px 0"><thead><tr>${head.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
    const below = notes.map(({ text, html }) => `<div style="${NOTE}">${html ?? escapeHtml(text)}</div>`);
    return `<div style="${TITLE}">${escapeHtml(this.#heading())}</div>${table}${below.join("")}`;
  }

  #heading(): string {
    const rows = this.length;
    return `${this.title} · ${rows === 0 ? "none" : plural(rows, "row")}`;
  }

  #shownColumns(): readonly Column[] {
    return this.#parts.columns.filter((column) => !column.hidden);
  }

  /** Indices of the rows that are shown; undefined stands for those that are left out. */
  #shownRows(): (number | undefined)[] {
    const { mostRows = MOST_ROWS } = this.#parts;
    const all = Array.from({ length: this.length }, (_, i) => i);
    if (all.length <= mostRows) return all;
    const half = Math.floor((mostRows - 1) / 2);
    return [...all.slice(0, mostRows - 1 - half), undefined, ...all.slice(-half)];
  }

  #text(column: Column, row: number): string {
    return cellText(column, row, this.#parts.zone);
  }

  #value(column: Column, row: number): unknown {
    const value = column.values[row];
    if (column.kind !== "time") return value;
    return Number.isNaN(value) ? undefined : new Time(value as number, this.#parts.zone);
  }
}
