/**
 * Decoded row groups that later days will need again, within a number of bytes. A file may hold a year
 * in one row group, and decoding it once a day would cost a year's decoding a day.
 */

interface Kept<Group> {
  readonly group: Group;
  readonly bytes: number;
  /** Last session that has rows in it. */
  readonly lastSession: number;
}

/** A cache for a walk through sessions in ascending order, now and then from the start again. */
export class GroupCache<Group> {
  private readonly kept = new Map<string, Kept<Group>>();
  private bytes = 0;

  constructor(private readonly maxBytes: number) {}

  get(key: string): Group | undefined {
    return this.kept.get(key)?.group;
  }

  /** Keeps a group that sessions after `session` need, when there is room or room can be made. */
  put(key: string, group: Group, bytes: number, session: number, lastSession: number): void {
    if (lastSession <= session || this.kept.has(key)) return;
    if (this.bytes + bytes > this.maxBytes) this.dropPast(session);
    // When every day needs every group, dropping the oldest would lose each just before its turn:
    // keeping the first that came and decoding the others again is the best there is.
    if (this.bytes + bytes > this.maxBytes) return;
    this.kept.set(key, { group, bytes, lastSession });
    this.bytes += bytes;
  }

  clear(): void {
    this.kept.clear();
    this.bytes = 0;
  }

  private dropPast(session: number): void {
    for (const [key, { lastSession, bytes }] of this.kept) {
      if (lastSession >= session) continue;
      this.kept.delete(key);
      this.bytes -= bytes;
    }
  }
}
