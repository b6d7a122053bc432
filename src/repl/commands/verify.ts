/**
 * `bardeck verify`: the same data must give one digest under different speeds, pauses and seeks on the real threads, and then under
 * seeded schedules on one thread, which meet what real threads meet only by luck.
 */
import { verify, verifySchedules, type OpenOptions, type VerifyReport } from "../../engine/index.js";
import type { CommandContext } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { openLog, type LogFile } from "../log-file.js";
import { readOpenOptions, readOutputOptions, refuseEvents, type RawOptions } from "../options/read-options.js";
import { formatSeconds } from "../output/format.js";
import { jsonText, plainOptions } from "../output/json.js";
import { createPrinter, type Printer } from "../output/printer.js";
import type { VerifyLine } from "../output/schema.js";
import { formatTable } from "../output/table.js";
import { showScan } from "./show-progress.js";
import {
  readSchedules,
  replayCommand,
  schedulesExit,
  schedulesLine,
  schedulesText,
  USUAL_SCHEDULES,
  type AskedSchedules,
} from "./verify-schedules.js";

export async function verifyCommand(
  context: CommandContext,
  raw: RawOptions,
  data: string,
  verifyData: typeof verify = verify,
  verifyBySchedules: typeof verifySchedules = verifySchedules,
): Promise<number> {
  const options = readOpenOptions(data, raw);
  const output = readOutputOptions(raw);
  refuseEvents(output, "verify");
  const asked = readSchedules(raw);
  const printer = createPrinter(context, output);
  const log = openLog(output.log);
  try {
    log.write("start", { command: "verify", options: plainOptions(options), ...asked });
    const of: Verification = { context, options, printer, log, json: output.json };
    if (asked) return await bySchedules(of, asked, verifyBySchedules);
    const codes = [await byVariants(of, verifyData), await bySchedules(of, USUAL_SCHEDULES, verifyBySchedules)];
    return [EXIT.internal, EXIT.differs].find((code) => codes.includes(code)) ?? EXIT.ok;
  } finally {
    printer.bar.clear();
    log.close();
  }
}

interface Verification {
  readonly context: CommandContext;
  readonly options: OpenOptions;
  readonly printer: Printer;
  readonly log: LogFile;
  readonly json: boolean;
}

async function byVariants(
  { context, options, printer, log, json }: Verification,
  verifyData: typeof verify,
): Promise<number> {
  const report = await verifyData(
    { ...options, onScan: showScan(printer.bar), signal: context.signal },
    { onProgress: (done, total, name) => printer.bar.show(done / total, name), signal: context.signal },
  );
  printer.bar.clear();
  log.write("end", { ok: report.ok, digest: report.digest, brokenInvariants: report.brokenInvariants });
  if (json) await context.out.write(jsonText(verifyLine(report)));
  else await printer.results(verifyLines(report, printer));
  return exitCode(report);
}

/** The log has every action of a schedule that is replayed alone: that is what one replays it for. */
async function bySchedules(
  { context, options, printer, log, json }: Verification,
  { schedules, seed }: AskedSchedules,
  verifyBySchedules: typeof verifySchedules,
): Promise<number> {
  const report = await verifyBySchedules({ ...options, onScan: showScan(printer.bar) }, schedules, seed, {
    onProgress: (done, total, text) => printer.bar.show(done / total, text),
    ...(schedules === 1 && { onAction: (text) => log.write("action", { text }) }),
    signal: context.signal,
  });
  printer.bar.clear();
  const replay = (failing: number): string => replayCommand(options, failing, context.env.BARDECK_SEEDED_BUG);
  const line = schedulesLine(report, replay);
  log.write("end", { ...line });
  if (json) await context.out.write(jsonText(line));
  else await printer.results(schedulesText(report, replay, printer));
  return schedulesExit(report);
}

/** A broken invariant is a fault of the program and outweighs a digest that differs. */
function exitCode({ variants, brokenInvariants, ok }: VerifyReport): number {
  if (brokenInvariants.length > 0) return EXIT.internal;
  return ok && variants.every((variant) => variant.equal) ? EXIT.ok : EXIT.differs;
}

function verifyLine({ ok, digest, variants, brokenInvariants }: VerifyReport): VerifyLine {
  return {
    type: "verify",
    ok,
    digest,
    variants: variants.map(({ name, digest: of, equal, seconds }) => ({ name, digest: of, equal, seconds })),
    brokenInvariants: [...brokenInvariants],
  };
}

function verifyLines(report: VerifyReport, { theme, width }: Printer): string[] {
  const rows = report.variants.map(({ name, digest, equal, seconds }) => [
    name,
    equal ? theme.good("same") : theme.bad("DIFFERS"),
    formatSeconds(seconds),
    digest,
  ]);
  const columns = [
    { title: "REPLAY" },
    { title: "DIGEST" },
    { title: "TIME", align: "right" as const },
    { title: "VALUE", leaves: 1 },
  ];
  const broken = report.brokenInvariants.map((text) => ` ${theme.bad("broken:")} ${text}`);
  const differing = report.variants.filter((variant) => !variant.equal).length;
  const verdict =
    report.brokenInvariants.length > 0
      ? theme.bad("an invariant is broken")
      : differing > 0
        ? theme.bad(`${differing} of ${report.variants.length} replays differ`)
        : theme.good("one digest, every invariant holds");
  return [...formatTable(columns, rows, { width, paintHead: theme.dim }), ...broken, ` ${verdict}: ${report.digest}`];
}
