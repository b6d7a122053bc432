/**
 * Bytes of valid files flipped, zeroed, repeated and cut at seeded places: each file either loads with its
 * rows accounted for, or stops with an error that names it. A failing case prints its seed:
 *
 *   BARDECK_FUZZ_SEED=123 npx vitest run test/bad-input/fuzz.test.ts
 *
 * runs that case alone; BARDECK_FUZZ_CASES=5000 runs a longer campaign. Seeds that failed once run always.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BardeckError, DataError, FileError } from "../../src/engine/errors.js";
import { largestAllocation } from "../fixtures/allocation.js";
import { barRows, seededRandom } from "../fixtures/bar-rows.js";
import { footerStart } from "../fixtures/damage.js";
import { loadAll, outcome } from "../fixtures/load-catalog.js";
import { barBytes, writeBarsV1 } from "../fixtures/parquet.js";
import { removeFolder, tempFolder, type TempFolder } from "../fixtures/temp-folder.js";
import { startWatchdog, type Watchdog } from "../fixtures/watchdog.js";

const CASES = Number(process.env.BARDECK_FUZZ_CASES ?? 150);
const ONLY = process.env.BARDECK_FUZZ_SEED;
/** A column without a name in the footer; a row thrown beyond the calendar, told without its file. */
const FAILED_ONCE = [1158, 1643, 2727, 2900];
const LARGE_BYTES = 64 * 2 ** 20;

let folder: TempFolder;
let watchdog: Watchdog;
let originals: Buffer[];

beforeAll(async () => {
  folder = tempFolder({ keep: true });
  watchdog = startWatchdog(20_000);
  const rows = barRows("SPY", "2013-10-07");
  originals = [
    barBytes(rows, { rowGroupSize: 150, pageSize: 1000 }),
    barBytes(rows, { codec: "UNCOMPRESSED", nullable: false, symbolColumn: true }),
    barBytes(rows, { codec: "GZIP", price: { decimal: "INT64", scale: 2 } }),
    barBytes(rows, { codec: "ZSTD", price: "float" }),
    readFileSync(await writeBarsV1(folder.file("original.parquet"), rows)),
  ];
});

afterAll(async () => {
  await watchdog.stop();
  removeFolder(folder.path);
});

/** A damaged copy that depends on the seed alone. */
function damagedCopy(seed: number): { bytes: Buffer; what: string } {
  const random = seededRandom(`fuzz ${seed}`);
  const below = (limit: number): number => Math.floor(random() * limit);
  const original = originals[below(originals.length)];
  const bytes = Buffer.from(original);
  // Footers are small and decide everything: half of the damage goes there.
  const place = (): number => {
    const start = footerStart(original);
    return random() < 0.5 ? start + below(original.length - start) : below(original.length);
  };
  const at = place();
  const length = Math.min(1 + below(64), bytes.length - at);
  switch (below(6)) {
    case 0:
      bytes[at] ^= 1 << below(8);
      return { bytes, what: `bit flipped in byte ${at} of ${bytes.length}` };
    case 1:
      bytes[at] = below(256);
      return { bytes, what: `byte ${at} of ${bytes.length} replaced` };
    case 2:
      bytes.fill(0, at, at + length);
      return { bytes, what: `${length} bytes at ${at} of ${bytes.length} zeroed` };
    case 3:
      bytes.fill(0xff, at, at + length);
      return { bytes, what: `${length} bytes at ${at} of ${bytes.length} set to ff` };
    case 4: {
      const kept = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
      return { bytes: kept, what: `${length} bytes at ${at} of ${bytes.length} removed` };
    }
    default:
      return { bytes: bytes.subarray(0, at), what: `truncated to ${at} of ${bytes.length} bytes` };
  }
}

async function runCase(seed: number): Promise<string | undefined> {
  const { bytes, what } = damagedCopy(seed);
  const replay = `${what}; again: BARDECK_FUZZ_SEED=${seed} npx vitest run test/bad-input/fuzz.test.ts`;
  const name = "SPY.parquet";
  const path = folder.put(name, bytes);
  watchdog.watch(replay);
  try {
    const { result: error, largestBytes } = await largestAllocation(() => outcome(() => loadAll({ path })));
    if (largestBytes >= LARGE_BYTES) return `${replay}: asked for ${largestBytes} bytes`;
    if (error === undefined) return undefined;
    if (!(error instanceof BardeckError)) return `${replay}: ${String((error as Error).stack ?? error)}`;
    if (!(error instanceof DataError || error instanceof FileError))
      return `${replay}: ${error.name}: ${error.message}`;
    const named = `${error.message} ${error.place.file ?? ""}`.includes(name);
    return named ? undefined : `${replay}: the message does not name the file: ${error.message}`;
  } catch (error) {
    return `${replay}: ${String((error as Error).stack ?? error)}`;
  }
}

it(`damage anywhere in a file (${ONLY === undefined ? `${CASES} seeds` : `seed ${ONLY}`}): loads accounted for, or stops naming the file`, async () => {
  const seeds =
    ONLY === undefined ? [...FAILED_ONCE, ...Array.from({ length: CASES }, (_, i) => i + 1)] : [Number(ONLY)];
  const failures: string[] = [];
  for (const seed of seeds) {
    const failure = await runCase(seed);
    if (failure !== undefined) failures.push(failure);
  }
  expect(failures.length, `${failures.length} of ${seeds.length} cases\n${failures.slice(0, 10).join("\n\n")}`).toBe(0);
}, 600_000);
