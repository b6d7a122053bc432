/** Writes a saved run, a day at a time: afterwards the file is complete, or what it was before. */
import { FileError } from "../errors.js";
import { PartialFile } from "../partial-file.js";
import { open, realpath, stat } from "node:fs/promises";
import type { RunDay, RunHeader } from "./run-day.js";
import { dayText, endText, headerText } from "./run-file.js";
import { RUN_FILE_TYPE } from "./run-version.js";

/**
 * A saved run being written. Calls must be awaited one after the other.
 *
 * @example
 * const writer = await RunWriter.create("run1.ndjson", runHeader(plan, catalog.inputDigest));
 * try {
 *   for await (const day of days) await writer.addDay(day);
 *   lines = await writer.finish("Mon 2013-10-07 15:58");
 * } finally {
 *   await writer.abandon();
 * }
 */
export class RunWriter {
  private days = 0;
  private lines = 0;

  private constructor(private readonly file: PartialFile) {}

  /**
   * Begins a file. One that is there is replaced when it is a saved run, or empty.
   * @throws FileError (exit 4): it is something else, its folder is missing, no permission
   */
  static async create(path: string, header: RunHeader): Promise<RunWriter> {
    await refuseOther(path);
    const target = await realpath(path).catch(() => path); // through a link, not over it
    const writer = new RunWriter(await PartialFile.create(target));
    await writer.write(headerText(header));
    return writer;
  }

  /** @throws FileError (exit 4): disk full; nothing is left of what was written */
  async addDay(day: RunDay): Promise<void> {
    await this.write(await dayText(day));
    this.days++;
  }

  /**
   * Completes the file and gives it its name. Returns the lines written.
   * @param place where the run stood, in words
   */
  async finish(place: string): Promise<number> {
    await this.write(endText(this.days, place));
    await this.file.commit();
    return this.lines;
  }

  /** Removes what has been written. Does nothing after `finish`, or when called again. Never throws. */
  abandon(): Promise<void> {
    return this.file.discard();
  }

  private async write(text: string): Promise<void> {
    try {
      await this.file.write(Buffer.from(text));
    } catch (error) {
      await this.abandon();
      throw error;
    }
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.lines++;
  }
}

/** Nobody's data is replaced because its name was given by mistake. */
async function refuseOther(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined); // what else is wrong is told when the file is made
  if (!found?.isFile() || found.size === 0 || (await beginsAsSavedRun(path))) return;
  throw new FileError(
    "not-a-saved-run",
    `${path} is there and is not a saved run`,
    "choose another name, or remove that file first",
    { file: path },
  );
}

async function beginsAsSavedRun(path: string): Promise<boolean> {
  const expected = `{"type":"${RUN_FILE_TYPE}",`;
  const handle = await open(path).catch(() => undefined);
  try {
    const start = await handle?.read(Buffer.alloc(expected.length), 0, expected.length, 0);
    return start?.buffer.toString() === expected;
  } finally {
    await handle?.close();
  }
}
