/** What the progress line says during the opening scan and the replay. */
import type { Session } from "../../engine/index.js";
import { createExchangeClock, formatCount } from "../output/format.js";
import type { ProgressBar } from "../output/progress-bar.js";

/** For `onScan`. */
export function showScan(bar: ProgressBar): (done: number, total: number) => void {
  return (done, total) => bar.show(done / total, `scanning file ${formatCount(done)} of ${formatCount(total)}`);
}

const FRAME_MS = 1000 / 15;

/** Polls a session until the returned function is called. */
export function watchProgress(session: Session, bar: ProgressBar): () => void {
  const clock = createExchangeClock(session.info.catalog.exchangeZone);
  const timer = setInterval(() => {
    const { done, epoch, sessions, date, timeUs } = session.progress();
    if (sessions === 0) return;
    const at = formatCount(Math.min(epoch + 1, sessions));
    bar.show(done, `session ${at} of ${formatCount(sessions)}, ${date} ${clock.time(timeUs)}`);
  }, FRAME_MS);
  return () => clearInterval(timer);
}
