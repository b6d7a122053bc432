/** Two days of six symbols, made by arithmetic alone: what the fake session shows. */

export const SYMBOLS = ["AAPL", "MSFT", "NVDA", "SPY", "THIN", "TSLA"];
export const MINUTE_US = 60_000_000;

export interface FakeBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** Minutes of a symbol; undefined where one is missing. */
export interface FakeDay {
  readonly date: string;
  readonly opensAtUs: number;
  readonly minutes: number;
  readonly bars: readonly (readonly (FakeBar | undefined)[])[];
}

/** A full day, and the half day after it. */
export const DAYS: readonly FakeDay[] = [makeDay("2025-07-02", 390, 1), makeDay("2025-07-03", 210, 2)];

export function makeDay(date: string, minutes: number, seed: number, symbols = SYMBOLS): FakeDay {
  const opensAtUs = Date.parse(`${date}T13:30:00Z`) * 1000;
  const bars = symbols.map((symbol, s) => {
    let price = 50 + 100 * s;
    return Array.from({ length: minutes }, (_, minute) => {
      const random = noise(seed * 7919 + s * 104_729 + minute);
      const open = price;
      price = round(price * (1 + (random - 0.5) * 0.004));
      const close = price;
      const [high, low] = [round(Math.max(open, close) * 1.0008), round(Math.min(open, close) * 0.9992)];
      const isMissing = symbol === "THIN" ? minute % 3 === 1 : symbol !== "SPY" && minute >= 128 && minute < 132;
      return isMissing ? undefined : { open, high, low, close, volume: 1000 + Math.floor(random * 9000) };
    });
  });
  return { date, opensAtUs, minutes, bars };
}

/** 0…1, the same for the same number. */
function noise(n: number): number {
  let x = (n * 2_654_435_761) >>> 0;
  x ^= x >>> 15;
  x = Math.imul(x, 2_246_822_519) >>> 0;
  return ((x ^ (x >>> 13)) >>> 0) / 2 ** 32;
}

function round(price: number): number {
  return Math.round(price * 100) / 100;
}
