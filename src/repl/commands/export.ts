/** `bardeck export`: bars, derived bars and quality of a replay as Parquet files. */
import { escapeName, exportData, UsageError } from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { openLog } from "../log-file.js";
import { readOpenOptions, readOutputOptions, refuseEvents, type RawOptions } from "../options/read-options.js";
import { plural } from "../output/format.js";
import { jsonText, plainOptions } from "../output/json.js";
import { createPrinter } from "../output/printer.js";
import type { ExportLine } from "../output/schema.js";
import { showScan } from "./show-progress.js";

/** Files listed by name; `--json` has all. */
const MOST_FILES_SHOWN = 20;

export async function exportCommand(
  context: CommandContext,
  raw: RawOptions,
  data: string,
  write: typeof exportData = exportData,
): Promise<number> {
  const options = readOpenOptions(data, raw);
  const output = readOutputOptions(raw);
  const folder = raw.out;
  refuseEvents(output, "export");
  if (typeof folder !== "string" || folder === "") {
    throw new UsageError("--out is missing: where should the files go?", "add --out FOLDER");
  }
  const printer = createPrinter(context, output);
  const log = openLog(output.log);
  try {
    log.write("start", { command: "export", options: plainOptions(options), out: folder });
    const { files, rows, digest } = await write(
      { ...options, onScan: showScan(printer.bar), signal: context.signal },
      folder,
      {
        onProgress: (done, total) => printer.bar.show(done / total, "writing"),
        signal: context.signal,
      },
    );
    printer.bar.clear();
    log.write("end", { files: files.length, rows, digest });
    const line: ExportLine = { type: "export", folder, files: [...files], rows, digest };
    if (output.json) await context.out.write(jsonText(line));
    else {
      const sum = `${plural(rows, "row")} in ${plural(files.length, "file")} under ${escapeName(folder)}`;
      const more = files.length - MOST_FILES_SHOWN;
      await printer.results([
        ...files.slice(0, MOST_FILES_SHOWN).map((file) => ` ${escapeName(file)}`),
        ...(more > 0 ? [` ${printer.theme.glyphs.ellipsis} and ${plural(more, "file")} more`] : []),
        ` ${printer.theme.good("written:")} ${sum}`,
        ` ${printer.theme.dim("digest")}   ${digest}`,
      ]);
    }
    return EXIT.ok;
  } finally {
    printer.bar.clear();
    log.close();
  }
}
