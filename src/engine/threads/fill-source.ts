/** The second source of `--fill source`: the same reading, its days matched to the plan's by date and symbol. */
import { openCatalog } from "../catalog/open-catalog.js";
import { escapeName } from "../catalog/escape.js";
import type { Catalog, DataOptions, OpenCatalog } from "../catalog/types.js";
import { BardeckError, DataError, fromPlain } from "../errors.js";
import type { DayLoad, DaySource } from "../market/bars.js";

export interface FillSourceOpened {
  readonly source: DaySource;
  readonly notes: readonly string[];
}

/**
 * Opens `path` for the sessions and symbols of `catalog`. Symbols it does not have fill nothing; when it has none of
 * them at all that is an error. What `options` say of reading goes for both sources; see `openAsSaid` for names and labels,
 * which the second may have of its own.
 */
export async function openFillSource(path: string, options: DataOptions, catalog: Catalog): Promise<FillSourceOpened> {
  const dates = catalog.sessions.map((session) => session.date);
  const { calendar, tz, columns, label, floorMinutes, onConflict, onLoadError } = options;
  const range = { path, calendar, tz, floorMinutes, onConflict, onLoadError, from: dates[0], to: dates.at(-1) };
  try {
    const { opened: all, own } = await openAsSaid({ ...range, sessions: "data" }, { columns, label });
    const shared = catalog.symbols.filter((symbol) => all.catalog.symbols.includes(symbol));
    await all.source.close();
    if (shared.length === 0)
      throw new DataError(
        "fill-source",
        `it has none of the symbols ${catalog.symbols.join(", ")}`,
        "choose another --fill-from",
      );
    const opened = await openCatalog({ ...range, ...own, symbols: shared, sessions: "calendar" });
    return matched(opened, shared, catalog, notesOn(opened.catalog, shared, catalog, label));
  } catch (error) {
    throw toldOfFills(error, path);
  }
}

/** What a person has said of the bars that may hold for one of the two sources alone. */
type OwnReading = Pick<DataOptions, "columns" | "label">;

/**
 * Names of columns count where the second source has them, else the usual ones. What its stamps stand for is decided from
 * its own rows; only where these look labelled by their end does what was said count, as it does for the first source.
 */
async function openAsSaid(
  range: DataOptions,
  { columns, label }: OwnReading,
): Promise<{ opened: OpenCatalog; own: OwnReading }> {
  const attempts: OwnReading[] = [{ columns }];
  if (label !== undefined) attempts.push({ columns, label });
  if (columns !== undefined) attempts.push(...attempts.map((own) => ({ ...own, columns: undefined })));
  let first: unknown;
  for (const own of attempts) {
    try {
      return { opened: await openCatalog({ ...range, ...own }), own };
    } catch (error) {
      first ??= error;
      if (!(error instanceof DataError) || (error.code !== "label-end" && error.code !== "missing-column")) throw error;
    }
  }
  throw first;
}

/** Nothing is decided in silence: symbols that fill nothing, and a label that is not the one that was given. */
function notesOn(fills: Catalog, shared: readonly string[], catalog: Catalog, label: DataOptions["label"]): string[] {
  const lacking = catalog.symbols.filter((symbol) => !shared.includes(symbol));
  const { value, how } = fills.label;
  return [
    ...(lacking.length > 0 ? [`the fill source has no ${lacking.join(", ")}`] : []),
    ...(label !== undefined && label !== value
      ? [`the fill source is read as labelled by the ${value} of a bar, not as --label ${label} says: ${how}`]
      : []),
  ];
}

/** The error says which of the two sources it is about. */
function toldOfFills(error: unknown, path: string): unknown {
  if (!(error instanceof BardeckError)) return error;
  const plain = error.toPlain();
  return fromPlain({ ...plain, message: `fill source ${escapeName(path)}: ${plain.message}` });
}

/** Its days in place of the plan's, by date. */
function matched(
  opened: OpenCatalog,
  shared: readonly string[],
  catalog: Catalog,
  notes: readonly string[],
): FillSourceOpened {
  const indexOfDate = new Map(opened.catalog.sessions.map((session, i) => [session.date, i]));
  const indexOf = (epoch: number): number | undefined => indexOfDate.get(catalog.sessions[epoch].date);
  return {
    notes,
    source: {
      load: (epoch, into) => loadMatching(opened.source, indexOf(epoch), catalog.symbols, shared, into),
      close: () => opened.source.close(),
    },
  };
}

/** Loads a day of fewer symbols and spreads its columns to the plan's. */
async function loadMatching(
  source: DaySource,
  index: number | undefined,
  symbols: readonly string[],
  shared: readonly string[],
  into: Parameters<DaySource["load"]>[1],
): Promise<DayLoad> {
  const nothing: DayLoad = { exceptionCount: 0, fileClasses: [], notices: [], skipped: [] };
  if (index === undefined) return nothing;
  if (shared.length === symbols.length) return source.load(index, into);
  const slots = into.minutes * shared.length;
  const column = (): Float64Array => new Float64Array(slots);
  const bars = { open: column(), high: column(), low: column(), close: column(), volume: column() };
  const part = { ...into, symbols: shared.length, bars, flags: new Uint8Array(slots) };
  await source.load(index, part);
  shared.forEach((symbol, from) => {
    const to = symbols.indexOf(symbol);
    for (let minute = 0; minute < into.minutes; minute++) {
      const source = minute * shared.length + from;
      const target = minute * symbols.length + to;
      into.flags[target] = part.flags[source];
      for (const name of ["open", "high", "low", "close", "volume"] as const)
        into.bars[name][target] = bars[name][source];
    }
  });
  return nothing;
}
