/** Columns as CSV and as the columns of a Parquet file. */
import { writeFile } from "node:fs/promises";
import { FileError, isoUtc, type ParquetColumn } from "../../engine/index.js";
import type { Column } from "./column.js";

export function csvText(columns: readonly Column[]): string {
  const lines = [columns.map(({ name, fileName }) => quote(fileName ?? name)).join(",")];
  const length = columns[0]?.values.length ?? 0;
  for (let row = 0; row < length; row++) lines.push(columns.map((column) => field(column, row)).join(","));
  return `${lines.join("\n")}\n`;
}

function field({ kind, values }: Column, row: number): string {
  const value = values[row];
  if (typeof value === "string") return quote(value);
  if (Number.isNaN(value)) return "";
  return kind === "time" ? isoUtc(value) : String(value);
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function parquetColumns(columns: readonly Column[]): ParquetColumn[] {
  return columns.map(({ name, fileName = name, kind, values }) => {
    if (kind === "text") return { name: fileName, kind: "utf8", values: values as readonly string[] };
    if (kind !== "time" && kind !== "count") return { name: fileName, kind: "double", values: values as Float64Array };
    const known = Array.from(values as Float64Array, (value) => (Number.isNaN(value) ? null : value));
    const type = kind === "time" ? "timestamp" : "int64";
    return { name: fileName, kind: type, nullable: known.includes(null), values: known };
  });
}

export async function writeText(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    const { message } = error as NodeJS.ErrnoException;
    throw new FileError("cannot-write", `cannot write ${file}: ${message}`, "name a file in a folder that exists", {
      file,
    });
  }
}
