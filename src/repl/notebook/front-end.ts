/** What this folder needs of a notebook or script it runs in (host.ts finds which), and the form in which values are shown there. */

/** A value as text and as HTML, by mime type: what Jupyter calls a display bundle. */
export interface Bundle {
  readonly "text/plain": string;
  readonly "text/html"?: string;
}

/** An output that can be replaced by a newer one. */
export interface Panel {
  update(bundle: Bundle): void;
}

export interface Host {
  /** Whether there are cells: outputs can be replaced, and long runs show how far they are. */
  readonly hasCells: boolean;
  show(bundle: Bundle): void;
  /** Nothing is shown before the first `update`. */
  panel(): Panel;
  /** The variables of the notebook by name, where they can be known: which sessions are still in use. */
  variables(): ReadonlyMap<string, unknown>;
  /** Called once, with what to do when the stop button is pressed and when the kernel is closed. */
  listen(handlers: HostHandlers): void;
}

export interface HostHandlers {
  interrupted(): void;
  closed(): void;
}
