/** An error as a person or a program reads it. */
import { escapeName, type PlainError } from "../../engine/index.js";
import type { Theme } from "./theme.js";

/** `error: …`, the place if the message does not name it, and what to do. A bug shows where it happened. */
export function describeError(error: PlainError, theme: Theme): string[] {
  const { place } = error;
  const where = [
    place.file !== undefined && !error.message.includes(place.file) ? place.file : "",
    rowGroupText(error),
    place.column !== undefined && !error.message.includes(place.column) ? `column ${place.column}` : "",
    place.row !== undefined && !error.message.includes(`row ${place.row}`) ? `row ${place.row}` : "",
  ].filter((part) => part !== "");
  const lines = [`${theme.bad("error:")} ${escapeLines(error.message).join("\n  ")}`];
  if (where.length > 0) lines.push(`  at ${escapeName(where.join(", "))}`);
  if (error.hint !== "") lines.push(`  ${theme.strong("try:")} ${escapeLines(error.hint).join("\n  ")}`);
  if (error.code === "internal") lines.push(theme.dim(escapeLines(stackOnly(error.stack)).join("\n")));
  return lines;
}

/** Most files have one row group: of a row in the first, the row says it all. Programs get the group in any case. */
function rowGroupText({ message, place: { rowGroup, row } }: PlainError): string {
  if (rowGroup === undefined || (rowGroup === 0 && row !== undefined)) return "";
  return message.includes(`row group ${rowGroup}`) ? "" : `row group ${rowGroup}`;
}

function stackOnly(stack: string): string {
  return stack
    .split("\n")
    .filter((line) => line.trimStart().startsWith("at "))
    .join("\n");
}

function escapeLines(text: string): string[] {
  return text.split("\n").map(escapeName);
}
