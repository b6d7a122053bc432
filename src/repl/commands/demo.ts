/**
 * `bardeck demo`: makes the demo data once, in the cache of this user, and opens it: on the dashboard where a person sits before
 * a terminal, else as a replay to its end. An option that judges a replay asks for one.
 */
import { ensureDemoData, escapeName } from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { readOutputOptions, type RawOptions } from "../options/read-options.js";
import { createPrinter } from "../output/printer.js";
import { userPaths } from "../paths.js";
import { quoteArgument } from "./command-line.js";
import { openCommand, wantsDashboard } from "./open.js";
import { run } from "./run.js";

export async function demo(context: CommandContext, raw: RawOptions): Promise<number> {
  const output = readOutputOptions(raw);
  const printer = createPrinter(context, output);
  const path = await ensureDemoData(
    userPaths(context.env).cache,
    (done, total) => printer.bar.show(done / total, "making the demo data"),
    context.signal,
  ).finally(() => printer.bar.clear());
  context.signal.throwIfAborted();
  const opens = wantsDashboard(context, raw) && raw.failIf === undefined;
  const code = await (opens ? openCommand(context, raw, path) : run(context, raw, path));
  if (code === EXIT.ok && !output.json) {
    await printer.messages(["", `The data is in ${escapeName(path)}. Next: bardeck inspect ${quoteArgument(path)}`]);
  }
  return code;
}
