/**
 * Reads a saved run, a line at a time: no more than a day of it is in memory. Everything is checked; what does not fit is an
 * error that names the line.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { z } from "zod";
import { DataError, FileError } from "../errors.js";
import { STEP } from "../protocol/phases.js";
import type { RunEvent } from "./event-line.js";
import type { RunDay, RunHeader, RunReader } from "./run-day.js";
import { readDay } from "./run-file.js";
import { RUN_FILE_TYPE, RUN_FILE_VERSION } from "./run-version.js";

type Schemas = typeof import("./run-lines.js");

/** A line is a day at most: 20 bytes a bar and a digest a minute. The first names the symbols. */
const LONGEST_LINE_BYTES = 256 << 20;
const LONGEST_HEADER_BYTES = 16 << 20;

/**
 * Opens a saved run. Its days can be read any number of times.
 *
 * @throws FileError (exit 4) when there is no such file, or it cannot be read
 * @throws DataError (exit 3) when it is no saved run, of a newer version, or damaged; `days` throws it when it comes to the line
 * @example
 * const saved = await openRun("run1.ndjson");
 * for await (const day of saved.days()) console.log(day.date, day.digest);
 */
export async function openRun(path: string): Promise<RunReader> {
  const found = await stat(path).catch((error: unknown) => Promise.reject(cannotRead(path, error)));
  if (!found.isFile())
    throw new FileError("not-a-file", `${path} is not a file`, "name a file that save has written", { file: path });
  const { headerLine, laterLine } = await import("./run-lines.js");
  for await (const line of linesOf(path)) {
    const header = parseHeader(headerLine, path, line);
    return { header, days: () => readDays(laterLine, path, header, line) };
  }
  throw damaged(path, 1, "the file is empty");
}

function parseHeader(headerLine: Schemas["headerLine"], path: string, text: string): RunHeader {
  const json = parseJson(path, 1, text) as { type?: unknown; version?: unknown } | null;
  if (json?.type !== RUN_FILE_TYPE) throw notASavedRun(path);
  if (typeof json.version === "number" && json.version > RUN_FILE_VERSION)
    throw new DataError(
      "newer-version",
      `${path} is a saved run of version ${json.version}; this bardeck reads up to version ${RUN_FILE_VERSION}`,
      "update bardeck, or save the run again with this one",
      { file: path },
    );
  const { type: _type, version: _version, ...header } = checked(headerLine, path, 1, json);
  return header;
}

/** The days with their events. */
async function* readDays(
  laterLine: Schemas["laterLine"],
  path: string,
  header: RunHeader,
  firstLine: string,
): AsyncGenerator<RunDay> {
  let day: (RunDay & { events: RunEvent[] }) | undefined;
  let days = 0;
  let ended = false;
  let number = 0;
  for await (const text of linesOf(path)) {
    if (++number === 1) {
      if (text !== firstLine) throw damaged(path, 1, "the file has changed while it was read");
      continue;
    }
    if (ended) throw damaged(path, number, "there is something after the end");
    const line = checked(laterLine, path, number, parseJson(path, number, text));
    if (line.type === "event") {
      if (line.epoch !== day?.epoch) throw damaged(path, number, "the event is not of the day above it");
      day.events.push(line);
      continue;
    }
    if (day) yield day;
    if (line.type === "end") {
      if (line.days !== days) throw damaged(path, number, `the file has ${days} days, not ${line.days}`);
      ended = true;
      continue;
    }
    const isNext = line.epoch === days && line.epoch < header.sessions && (day === undefined || isOnRecord(day));
    if (!isNext) throw damaged(path, number, `session ${line.epoch} does not follow`);
    days++;
    try {
      day = await readDay(line, header);
    } catch (error) {
      throw damaged(path, number, (error as Error).message);
    }
  }
  if (!ended) throw damaged(path, number, "the end is missing: the file was cut off");
}

/** Only the last day of a run may be one that is under way. */
function isOnRecord({ steps }: RunDay): boolean {
  return steps >= STEP.record;
}

function checked<Schema extends z.ZodType>(schema: Schema, path: string, line: number, json: unknown): z.infer<Schema> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw damaged(path, line, [issue.path.join("."), issue.message].filter((part) => part !== "").join(": "));
}

function parseJson(path: string, line: number, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw line === 1 ? notASavedRun(path) : damaged(path, line, "it is not JSON");
  }
}

/** The lines of a file, without their ends. No more of it is held than the longest line may be. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let parts: Buffer[] = [];
  let bytes = 0;
  let number = 1;
  const take = (): string => {
    const line = Buffer.concat(parts);
    parts = [];
    bytes = 0;
    try {
      return decoder.decode(line);
    } catch {
      throw number === 1 ? notASavedRun(path) : damaged(path, number, "it is not text");
    }
  };
  for await (const chunk of chunksOf(path)) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, end));
      yield take();
      number++;
      from = end + 1;
    }
    parts.push(chunk.subarray(from));
    bytes += chunk.length - from;
    if (bytes > (number === 1 ? LONGEST_HEADER_BYTES : LONGEST_LINE_BYTES))
      throw number === 1 ? notASavedRun(path) : damaged(path, number, "it is longer than a day can be");
  }
  if (bytes > 0) yield take();
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) yield chunk as Buffer;
  } catch (error) {
    throw cannotRead(path, error);
  }
}

function notASavedRun(path: string): DataError {
  return new DataError("not-a-saved-run", `${path} is not a saved run`, "name a file that save has written", {
    file: path,
  });
}

function damaged(path: string, line: number, what: string): DataError {
  return new DataError("damaged-run", `${path} line ${line}: ${what}`, "save the run again", { file: path });
}

function cannotRead(path: string, error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === undefined) return error;
  const why = { ENOENT: "there is no such file", EACCES: "no permission", ENOTDIR: "part of the path is a file" }[code];
  return new FileError(
    "cannot-read",
    `cannot read ${path}: ${why ?? message}`,
    "name a file that save has written, and that you can read",
    { file: path },
  );
}
