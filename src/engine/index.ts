/**
 * The only door of the engine. Everything else in this folder is private to it.
 */
export {
  BardeckError,
  DataError,
  FileError,
  UsageError,
  fromPlain,
  plainError,
  type DataPlace,
  type PlainError,
} from "./errors.js";
export type { Catalog, CatalogFile, CatalogSession, ColumnRole, DataOptions, Decided } from "./catalog/types.js";
export {
  ORIGINS,
  ROW_CLASSES,
  REJECT_CAUSES,
  ROW_FLAGS,
  type RowClass,
  type RejectCause,
  type RowFlag,
  type RowNotice,
} from "./market/bars.js";
export { EVENT_KINDS, type DataEvent, type EventKind } from "./work/day-events.js";
export { eventLine, type RunEvent } from "./compare/event-line.js";
export type { DayRecord, DerivedRecord, GapRecord, SymbolRecord } from "./work/day-record.js";
export {
  UNITS,
  type BreakOptions,
  type Breakpoint,
  type ClosedDay,
  type Difference,
  type FileAccount,
  type LogEntry,
  type Mark,
  type MinuteCondition,
  type OpenOptions,
  type Position,
  type Progress,
  type Session,
  type SessionEvents,
  type SessionInfo,
  type SessionSummary,
  type SteppedThread,
  type Stop,
  type StopReason,
  type Unit,
  type WatchValue,
} from "./session/types.js";
export {
  MINUTE_STATE,
  MINUTE_STATES,
  type BarRange,
  type BarSource,
  type BarsView,
  type EodStepView,
  type EodView,
  type GapView,
  type JournalEntry,
  type JournalFilter,
  type MinuteRow,
  type MinuteSlot,
  type QualityView,
  type SessionState,
  type StreamView,
  type SymbolQuality,
  type ThreadView,
  type View,
  type WordView,
} from "./session/views.js";
export { COMPARISONS, MEASURES, type Comparison, type Measure, type SlotClass } from "./conditions/condition.js";
export { BUCKET_STATUS, type BucketStatus } from "./market/day.js";
export { BATON, EOD_STEPS, PHASE_NAMES, type EodStep, type PhaseName, type ThreadName } from "./protocol/phases.js";
export { open } from "./session/open.js";
export { COLUMN_ROLES } from "./catalog/types.js";
export { escapeName } from "./catalog/escape.js";
export { isoUtc } from "./market/time.js";
export { doubtAboutTimes } from "./inspect/doubts.js";
export { ensureDemoData } from "./demo/demo-data.js";
export { makeFolders } from "./export/make-folders.js";
export { exportData, inspect, verify, verifySchedules, writeParquet } from "./on-demand.js";
export type {
  InspectedDay,
  InspectedGap,
  InspectedOutage,
  InspectedSplit,
  InspectedSymbol,
  Inspection,
  InspectHooks,
} from "./inspect/inspection.js";
export type { ScheduleFailure, ScheduleHooks, SchedulesReport } from "./verify/schedules.js";
export type { VerifyHooks, VerifyReport, VerifyVariant } from "./verify/verify.js";
export type { ExportHooks, ExportReport } from "./export/export-data.js";
export type { ParquetColumn } from "./export/parquet-writer.js";
export { compareRuns } from "./compare/difference.js";
export { openRun } from "./compare/read-run.js";
export type { RunDay, RunHeader, RunReader } from "./compare/run-day.js";
