/** `bardeck info`: what is needed to report a problem, and where bardeck keeps things. */
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { readOutputOptions, type RawOptions } from "../options/read-options.js";
import { jsonText } from "../output/json.js";
import { createPrinter } from "../output/printer.js";
import { entryLines } from "../output/run-summary.js";
import type { InfoLine } from "../output/schema.js";
import { userPaths } from "../paths.js";
import { readVersion } from "../version.js";

export async function info(context: CommandContext, raw: RawOptions): Promise<number> {
  const output = readOutputOptions(raw);
  const line: InfoLine = {
    type: "info",
    version: readVersion(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    paths: { ...userPaths(context.env) },
  };
  if (output.json) {
    await context.out.write(jsonText(line));
    return EXIT.ok;
  }
  const printer = createPrinter(context, output);
  const { paths, version, node, platform } = line;
  await printer.results(
    entryLines([["bardeck", version], ["Node", `${node} (${platform})`], ...Object.entries(paths)], printer.theme),
  );
  return EXIT.ok;
}
