/** Numbers, dates and times as people read them. Pure; English digits whatever the locale. */

/** `8796` → `8,796`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** `1 bar`, `1,953 sessions`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** Two decimals, never rounded up to 100: `99.995` is `99.99%`. Null, where nothing was due, is `none`. */
export function formatPercent(percent: number | null, none: string): string {
  if (percent === null) return none;
  return `${percent === 100 ? "100.00" : (Math.floor(percent * 100 + 1e-7) / 100).toFixed(2)}%`;
}

/** A price with two to six decimals: what it has, and enough to line up. */
export function formatPrice(price: number | null, none: string): string {
  if (price === null) return none;
  const text = String(Number(price.toFixed(6)));
  if (text.includes("e")) return text;
  const decimals = text.split(".")[1]?.length ?? 0;
  return decimals < 2 ? price.toFixed(2) : text;
}

/** `1234567` → `1.23 M`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(2)} M`;
  return perSecond >= 1e4 ? `${(perSecond / 1e3).toFixed(0)} k` : formatCount(perSecond);
}

/** `0.42 s`, `3 min 05 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const whole = Math.round(seconds);
  return `${formatCount(Math.floor(whole / 60))} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** `Wed 2025-07-02`. */
export function formatDay(date: string): string {
  const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  return `${days[new Date(`${date}T00:00:00Z`).getUTCDay()]} ${date}`;
}

/** Clock times in the zone of an exchange. */
export interface ExchangeClock {
  /** `15:58`; `24:00` for a close at midnight. */
  time(us: number): string;
  /** Short name of the zone at that time, `EDT`. */
  zone(us: number): string;
}

export function createExchangeClock(timeZone: string): ExchangeClock {
  const time = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const zone = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "short", hour: "2-digit" });
  return {
    time: (us) => time.format(us / 1000),
    zone: (us) => zone.formatToParts(us / 1000).find((part) => part.type === "timeZoneName")?.value ?? timeZone,
  };
}

/** At most `most` of the texts, then `… and 7 more`. */
export function listSome(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return texts.slice(0, most).join(", ") + (more > 0 ? ` … and ${formatCount(more)} more` : "");
}
