/** What the progress line says during the opening scan and the replay. */
import type { Session } from "../../engine/index.js";
import { formatCount } from "../output/format.js";
import type { ProgressBar } from "../output/progress-bar.js";

/** For `onScan`. */
export function showScan(bar: ProgressBar): (done: number, total: number) => void {
  return (done, total) =>
    bar.show(total > 0 ? done / total : undefined, `scanning file ${formatCount(done)} of ${formatCount(total)}`);
}

const FRAME_MS = 1000 / 15;

/** Polls a session until the returned function is called. */
export function watchProgress(session: Session, bar: ProgressBar): () => void {
  const timer = setInterval(() => {
    const { done, epoch, sessions, date, phase } = session.progress();
    const at = Math.min(epoch + 1, sessions);
    if (sessions > 0)
      bar.show(done, `session ${formatCount(at)} of ${formatCount(sessions)}, ${date}, ${phase.toLowerCase()}`);
  }, FRAME_MS);
  return () => clearInterval(timer);
}
