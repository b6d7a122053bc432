/**
 * The readers that a replay from Parquet is measured against, alone in a thread: no replay. Plain JavaScript,
 * so that it is a worker of the built bench and of the tests alike.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { asyncBufferFromFile, parquetRead } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { openCatalog } from "../../dist/engine/catalog/open-catalog.js";
import { attachSegment, createSegments } from "../../dist/engine/memory/segment.js";
import { createDayLoader } from "../../dist/engine/work/prefetch-work.js";

const COLUMNS = ["timestamp", "open", "high", "low", "close", "volume"];
/** As many as the engine reads at once. */
const FILES_AT_ONCE = 6;

const { reader, folder } = workerData;
parentPort?.postMessage(reader === "hyparquet" ? await readWithHyparquet() : await readWithLoader());

/** Decodes the six columns of every file; does nothing with them. */
async function readWithHyparquet() {
  const begin = performance.now();
  const files = await readdir(folder);
  const readNext = async () => {
    for (let name = files.pop(); name !== undefined; name = files.pop()) {
      const file = await asyncBufferFromFile(join(folder, name));
      await parquetRead({ file, columns: COLUMNS, compressors, onChunk: () => {} });
    }
  };
  await Promise.all(Array.from({ length: FILES_AT_ONCE }, readNext));
  return { hyparquetMs: performance.now() - begin };
}

/** The engine's own reading, with the class of every row, into one day's memory over and over. */
async function readWithLoader() {
  const begin = performance.now();
  const { catalog, source } = await openCatalog({ path: folder });
  const scanned = performance.now();
  const { symbols, sessions } = catalog;
  const mostExceptions = catalog.mostSessionRows + 3 * symbols.length;
  const shape = { symbols: symbols.length, mostMinutes: 390, intervals: [], mostExceptions, hasFill: false };
  const segment = attachSegment(createSegments(shape, 1)[0], shape, 0);
  const loader = createDayLoader({ sessions }, source);
  for (let epoch = 0; epoch < sessions.length; epoch++) await loader.load(epoch, segment);
  await source.close();
  return { scanMs: scanned - begin, loaderMs: performance.now() - scanned };
}
