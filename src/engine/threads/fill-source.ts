/** The second source of `--fill source`: the same reading, its days matched to the plan's by date and symbol. */
import { openCatalog } from "../catalog/open-catalog.js";
import type { Catalog, DataOptions } from "../catalog/types.js";
import { DataError } from "../errors.js";
import type { DayLoad, DaySource } from "../market/bars.js";

export interface FillSourceOpened {
  readonly source: DaySource;
  readonly notes: readonly string[];
}

/**
 * Opens `path` for the sessions and symbols of `catalog`. Symbols it does not have fill nothing; when it has none of
 * them at all that is an error.
 */
export async function openFillSource(path: string, options: DataOptions, catalog: Catalog): Promise<FillSourceOpened> {
  const dates = catalog.sessions.map((session) => session.date);
  const reading = {
    calendar: options.calendar,
    tz: options.tz,
    floorMinutes: options.floorMinutes,
    onConflict: options.onConflict,
    onLoadError: options.onLoadError,
  };
  const all = await openCatalog({ ...reading, path, from: dates[0], to: dates.at(-1), sessions: "data" });
  const shared = catalog.symbols.filter((symbol) => all.catalog.symbols.includes(symbol));
  await all.source.close();
  if (shared.length === 0)
    throw new DataError(
      "fill-source",
      `${path} has none of the symbols ${catalog.symbols.join(", ")}`,
      "choose another --fill-from",
    );
  const opened = await openCatalog({
    ...reading,
    path,
    symbols: shared,
    from: dates[0],
    to: dates.at(-1),
    sessions: "calendar",
  });
  const indexOfDate = new Map(opened.catalog.sessions.map((session, i) => [session.date, i]));
  const lacking = catalog.symbols.filter((symbol) => !shared.includes(symbol));
  return {
    notes: lacking.length > 0 ? [`the fill source has no ${lacking.join(", ")}`] : [],
    source: {
      load: (epoch, into) => loadMatching(opened.source, indexOfDate.get(dates[epoch]), catalog.symbols, shared, into),
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
