/**
 * The package's entry: what notebooks and scripts import. Loads by `import` and by `require`; reaches no terminal
 * interface.
 */
import "./error-text.js";

export { open, type OpenOptions } from "./open.js";
export { Session, type JournalChoice, type MinuteTest, type SessionEvents } from "./session.js";
export { View, type BarRange, type ChartOptions, type Interval } from "./view.js";
export { Time, type When } from "./time.js";
export { Table, type TypedColumn } from "./table.js";
export { Bars, Bar, Source, type BarColumns } from "./bars.js";
export { Quality, SymbolQuality, type QualityColumns, type QualityRow } from "./quality.js";
export { compare, Comparison, type ComparedRow } from "./compare.js";
export { exportData, inspect, verify } from "./whole-data.js";
export type { ConditionText } from "./condition-text.js";
export { Chart } from "./chart.js";
export { Stop } from "./stop.js";
export { Live } from "./live.js";
export { Answers } from "./exec.js";
export { Shown } from "./display.js";
export type { Bundle } from "./front-end.js";
export type {
  BreakpointRow,
  EodRow,
  EventRow,
  FileRow,
  GapRow,
  JournalRow,
  MinutesRow,
  StreamRow,
  ThreadRow,
  WordRow,
} from "./boards.js";
export {
  BardeckError,
  COMPARISONS,
  DataError,
  EOD_STEPS,
  EVENT_KINDS,
  FileError,
  MEASURES,
  MINUTE_STATES,
  ROW_CLASSES,
  UNITS,
  UsageError,
} from "../../engine/index.js";
/** The engine's own types, where none above has the name. */
export type * from "../../engine/index.js";
