/**
 * The package's entry: what notebooks and scripts import. Loads by `import` and by `require`; reaches no terminal
 * interface.
 */
import "./error-text.js";

export { open, type OpenOptions } from "./open.js";
export { Session, type MinuteTest, type SessionEvents } from "./session.js";
export { View, type BarRange, type ChartOptions, type Interval } from "./view.js";
export { Time, type When } from "./time.js";
export { Table, type TypedColumn } from "./table.js";
export { Bars, Bar, Source, type BarColumns } from "./bars.js";
export { Quality, SymbolQuality, type QualityColumns, type QualityRow } from "./quality.js";
export { compare, Comparison, type ComparedRow } from "./compare.js";
export { Chart } from "./chart.js";
export { Stop } from "./stop.js";
export { Live } from "./live.js";
export { Answers } from "./exec.js";
export { Shown, type Bundle } from "./display.js";
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
export { BardeckError, DataError, FileError, UsageError, exportData, inspect, verify } from "../../engine/index.js";
export type {
  BreakOptions,
  Breakpoint,
  Catalog,
  ClosedDay,
  DataEvent,
  DataPlace,
  DayRecord,
  Difference,
  EodStep,
  ExportReport,
  FileAccount,
  Inspection,
  JournalFilter,
  LogEntry,
  Mark,
  Measure,
  PhaseName,
  PlainError,
  Position,
  SessionInfo,
  SessionState,
  SessionSummary,
  SteppedThread,
  StopReason,
  ThreadName,
  Unit,
  VerifyReport,
  WatchValue,
} from "../../engine/index.js";
