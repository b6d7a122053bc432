/** `bardeck export`: bars, derived bars and quality of a replay as Parquet files. */
import { UsageError } from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { openLog } from "../log-file.js";
import { readOpenOptions, readOutputOptions, refuseUnbuilt, type RawOptions } from "../options/read-options.js";
import { plural } from "../output/format.js";
import { jsonText, plainOptions } from "../output/json.js";
import { createPrinter } from "../output/printer.js";
import type { ExportLine } from "../output/schema.js";
import { engineCalls, type EngineCalls } from "./engine-calls.js";
import { refuse } from "./not-built.js";
import { showScan } from "./show-progress.js";

export async function exportCommand(
  context: CommandContext,
  raw: RawOptions,
  data: string,
  { exportData }: Partial<EngineCalls> = engineCalls,
): Promise<number> {
  refuseUnbuilt(raw);
  const options = readOpenOptions(data, raw);
  const output = readOutputOptions(raw);
  const folder = raw.out;
  if (!exportData) return refuse("bardeck export");
  if (typeof folder !== "string" || folder === "") {
    throw new UsageError("--out is missing: where should the files go?", "add --out FOLDER");
  }
  const printer = createPrinter(context, output);
  const log = openLog(output.log);
  try {
    log.write("start", { command: "export", options: plainOptions(options), out: folder });
    const { files, rows } = await exportData(
      { ...options, onScan: showScan(printer.bar), signal: context.signal },
      folder,
      {
        onProgress: (done, total) => printer.bar.show(done / total, "writing"),
        signal: context.signal,
      },
    );
    printer.bar.clear();
    log.write("end", { files: files.length, rows });
    const line: ExportLine = { type: "export", folder, files: [...files], rows };
    if (output.json) await context.out.write(jsonText(line));
    else {
      const sum = `${plural(rows, "row")} in ${plural(files.length, "file")} under ${folder}`;
      await printer.results([...files.map((file) => ` ${file}`), ` ${printer.theme.good("written:")} ${sum}`]);
    }
    return EXIT.ok;
  } finally {
    printer.bar.clear();
    log.close();
  }
}
