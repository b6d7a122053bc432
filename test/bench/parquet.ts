/** Replay from Parquet files that this bench makes, against reading them alone. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { writeParquet } from "../../dist/engine/export/parquet-writer.js";
import { createXnysCalendar } from "../../dist/engine/market/calendar.js";
import { openWithHooks } from "../../dist/engine/session/open.js";
import { figure, median, seeded, timeMs, type Bench, type Size } from "./kit.js";

const SIZES: Record<Size, { symbols: number; to: string; rounds: number }> = {
  full: { symbols: 64, to: "2013-10-28", rounds: 5 },
  tiny: { symbols: 2, to: "2013-10-02", rounds: 1 },
};

export const parquetBench: Bench = async (size) => {
  const { symbols, to, rounds } = SIZES[size];
  const folder = await mkdtemp(join(tmpdir(), "bardeck-bench-"));
  try {
    const sessions = createXnysCalendar().sessionsBetween("2013-10-01", to);
    await writeBars(folder, symbols, sessions);
    const runs: Run[] = [];
    for (let round = size === "full" ? -1 : 0; round < rounds; round++) {
      const run = await measure(folder);
      if (round >= 0) runs.push(run);
    }
    const { digest, rows } = runs[0];
    if (runs.some((run) => run.digest !== digest)) throw new Error("two replays of the same files differ");
    const of = (pick: (run: Run) => number): number => median(runs.map(pick));
    const [hyparquetRate, loaderRate] = [of((run) => run.rows / run.hyparquetMs), of((run) => run.rows / run.loaderMs)];
    const rate = of((run) => run.laterRows / run.playMs);
    const paced = await pacedReplay(folder, of((run) => run.loaderMs) / sessions.length);
    const target = "ratio ≥ 0.8";
    return [
      figure("parquet replay", symbols, [rate, "k rows/s"], [hyparquetRate, "hyparquet alone"], digest, target),
      figure("parquet replay", symbols, [rate, "k rows/s"], [loaderRate, "the engine's reader alone"], digest, target),
      figure(
        "opening scan",
        symbols,
        [of((run) => run.scanMs), "ms"],
        [of((run) => run.playMs), `replay of ${rows} rows`],
        digest,
      ),
      figure(
        "loading hidden",
        symbols,
        [paced.wallMs, "ms"],
        [paced.clockMs, "the days' time by the clock"],
        paced.digest,
        "≈ 1",
      ),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

interface Run {
  readonly rows: number;
  /** Rows of all sessions but the first, which is loaded when the session opens. */
  readonly laterRows: number;
  readonly hyparquetMs: number;
  readonly loaderMs: number;
  readonly scanMs: number;
  readonly playMs: number;
  readonly digest: string;
}

/** Each way once, one after the other, so that a slow moment of the machine meets all of them. */
async function measure(folder: string): Promise<Run> {
  const { hyparquetMs } = await readAlone("hyparquet", folder);
  const { scanMs, loaderMs } = await readAlone("loader", folder);
  const session = await openWithHooks({ path: folder }, {});
  try {
    const playMs = await timeMs(() => session.play());
    const { rows, digest } = session.summary();
    const [first] = session.info.catalog.sessions;
    return {
      rows,
      laterRows: rows - first.rows.reduce((a, b) => a + b, 0),
      hyparquetMs,
      loaderMs,
      scanMs,
      playMs,
      digest,
    };
  } finally {
    await session.dispose();
  }
}

/** What reader-worker.mjs reports. */
interface ReadingTimes {
  readonly hyparquet: { readonly hyparquetMs: number };
  readonly loader: { readonly scanMs: number; readonly loaderMs: number };
}

/** Reads in a thread of its own, as the session does, and as cold as its. */
async function readAlone<Reader extends keyof ReadingTimes>(
  reader: Reader,
  folder: string,
): Promise<ReadingTimes[Reader]> {
  const file = new URL("../../test/bench/reader-worker.mjs", import.meta.url);
  const worker = new Worker(file, { workerData: { reader, folder } });
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

/** With a clock that gives each day four times as long as its load takes: what loading adds to that is not hidden. */
async function pacedReplay(
  folder: string,
  loadMs: number,
): Promise<{ wallMs: number; clockMs: number; digest: string }> {
  const dayMs = Math.max(20, 4 * loadMs);
  const session = await openWithHooks({ path: folder }, {});
  try {
    session.setSpeed((390 * 60_000) / dayMs);
    const wallMs = await timeMs(() => session.play());
    return { wallMs, clockMs: dayMs * session.days.length, digest: session.summary().digest };
  } finally {
    await session.dispose();
  }
}

/** A file a symbol, a row group a session, 98 % of the minutes. */
async function writeBars(
  folder: string,
  symbols: number,
  sessions: readonly { openUs: number; minutes: number }[],
): Promise<void> {
  for (let symbol = 0; symbol < symbols; symbol++) {
    const random = seeded(symbol + 1);
    const [startUs, open, high, low, close, volume, groupStarts]: number[][] = [[], [], [], [], [], [], []];
    let price = 20 + symbol;
    for (const { openUs, minutes } of sessions) {
      groupStarts.push(startUs.length);
      for (let minute = 0; minute < minutes; minute++) {
        if (random() < 0.02) continue;
        const next = Math.max(1, Math.round((price + (random() - 0.5) * 0.1) * 100) / 100);
        startUs.push(openUs + minute * 60_000_000);
        open.push(price);
        high.push(Math.max(price, next) + 0.01);
        low.push(Math.min(price, next) - 0.01);
        close.push(next);
        volume.push(100 + Math.floor(random() * 10_000));
        price = next;
      }
    }
    const prices = Object.entries({ open, high, low, close }).map(([name, values]) => ({
      name,
      kind: "double" as const,
      values,
    }));
    await writeParquet(
      join(folder, `S${String(symbol).padStart(3, "0")}.parquet`),
      [
        { name: "timestamp", kind: "timestamp", values: startUs },
        ...prices,
        { name: "volume", kind: "int64", values: volume },
      ],
      { groupStarts },
    );
  }
}
