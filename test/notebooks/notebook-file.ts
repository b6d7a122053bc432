/** Notebook files: reading their cells, and writing outputs into them as Jupyter does. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Output } from "./kernel.js";

interface FileCell {
  readonly cell_type: "code" | "markdown";
  readonly source: string | string[];
  outputs?: FileOutput[];
  execution_count?: number | null;
}

type FileOutput =
  | { output_type: "stream"; name: string; text: string | string[] }
  | { output_type: "display_data"; data: Record<string, string | string[]>; metadata: object };

export interface Notebook {
  readonly path: string;
  readonly file: { readonly cells: FileCell[] };
}

export function readNotebook(path: string): Notebook {
  return { path, file: JSON.parse(readFileSync(path, "utf8")) as Notebook["file"] };
}

export function codeCells({ file }: Notebook): { readonly source: string; readonly cell: FileCell }[] {
  return file.cells
    .filter(({ cell_type: type }) => type === "code")
    .map((cell) => ({ source: [cell.source].flat().join(""), cell }));
}

/** The texts a cell shows, in order: what is printed, and the plain form of what is displayed. */
export function shownTexts(outputs: readonly (Output | FileOutput)[]): string[] {
  return outputs.map((output) =>
    [output.output_type === "stream" ? output.text : output.data["text/plain"]].flat().join(""),
  );
}

export function setOutputs(cell: FileCell, count: number, outputs: readonly Output[]): void {
  cell.execution_count = count;
  cell.outputs = outputs.map((output) =>
    output.output_type === "stream"
      ? { ...output, text: lines(output.text) }
      : { ...output, data: Object.fromEntries(Object.entries(output.data).map(([type, text]) => [type, lines(text)])) },
  );
}

export function writeNotebook({ path, file }: Notebook): void {
  writeFileSync(path, `${JSON.stringify(file, null, 1)}\n`);
}

function lines(text: string): string[] {
  return text.split(/(?<=\n)/);
}
