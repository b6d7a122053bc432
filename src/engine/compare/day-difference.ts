/** A difference within a day, before it is said of which day. */
export interface DayDifference {
  /** Minute from the open that it belongs to; undefined when it is of the day as a whole. */
  readonly minute: number | undefined;
  readonly symbol: string | null;
  /** What follows the date. */
  readonly text: string;
}
