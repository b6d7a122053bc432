/** `bardeck inspect`: what is in the data, without a replay. */
import { inspect, type Inspection } from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { openLog } from "../log-file.js";
import { readDataOptions, readOutputOptions, type RawOptions } from "../options/read-options.js";
import { formatCount } from "../output/format.js";
import { inspectionJson } from "../output/inspection-json.js";
import { inspectionLines } from "../output/inspection-text.js";
import { jsonText } from "../output/json.js";
import { createPrinter } from "../output/printer.js";
import { readVersion } from "../version.js";
import { suggestRun } from "./command-line.js";

export async function inspectCommand(context: CommandContext, raw: RawOptions, data: string): Promise<number> {
  const options = readDataOptions(data, raw);
  const output = readOutputOptions(raw);
  const printer = createPrinter(context, output);
  const version = readVersion();
  const log = openLog(output.log);
  try {
    log.write("start", { version, command: "inspect", options });
    const found = await inspect(options, {
      onProgress: (stage, done, total) =>
        printer.bar.show(
          done / total,
          `${stage === "scan" ? "scanning file" : "session"} ${formatCount(done)} of ${formatCount(total)}`,
        ),
      signal: context.signal,
    });
    printer.bar.clear();
    log.write("end", { rows: found.catalog.rows, classes: found.classes });
    const tryNext = suggestRun(options, found);
    await printer.messages(found.catalog.notes.map((note) => `note: ${note}`));
    if (output.json) {
      for (const line of inspectionJson(found, options, version, tryNext)) await context.out.write(jsonText(line));
    } else {
      await printer.results(inspectionLines(found, tryNext, printer.theme, printer.width));
    }
    return raw.strict === true ? await judge(found, printer.messages) : EXIT.ok;
  } finally {
    printer.bar.clear();
    log.close();
  }
}

/** `--strict`: rows that were rejected or flagged are a failure. */
async function judge({ classes, flagged }: Inspection, say: (lines: string[]) => Promise<void>): Promise<number> {
  const rejected = classes.rejected ?? 0;
  const marks = Object.entries(flagged).map(([flag, count]) => `${formatCount(count)} ${flag}`);
  if (rejected === 0 && marks.length === 0) return EXIT.ok;
  await say([
    `--strict: ${[rejected > 0 ? `${formatCount(rejected)} rows rejected` : "", ...marks].filter(Boolean).join(", ")}`,
  ]);
  return EXIT.data;
}
