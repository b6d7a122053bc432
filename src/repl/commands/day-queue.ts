/** Days as they close, for a reader that may be slower than the replay: handed on one at a time, in order. */
export class DayQueue<Day> {
  private readonly days: Day[] = [];
  private ended = false;
  private wake: (() => void) | undefined;

  push(day: Day): void {
    this.days.push(day);
    this.wake?.();
  }

  /** No more days will come; `forEach` resolves when those there have been handled. */
  end(): void {
    this.ended = true;
    this.wake?.();
  }

  /** Handles every day after the other. Rejects with the first error. */
  async forEach(handle: (day: Day) => Promise<void>): Promise<void> {
    for (;;) {
      const day = this.days.shift();
      if (day !== undefined) await handle(day);
      else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
