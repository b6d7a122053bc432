/**
 * The only door of the engine. Everything else in this folder is private to it.
 */
export {
  BardeckError,
  DataError,
  FileError,
  UsageError,
  plainError,
  type DataPlace,
  type PlainError,
} from "./errors.js";
export type { Catalog, CatalogFile, CatalogSession, ColumnRole, DataOptions, Decided } from "./catalog/types.js";
export {
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
export type {
  ClosedDay,
  FileAccount,
  OpenOptions,
  Position,
  Progress,
  Session,
  SessionEvents,
  SessionInfo,
  SessionSummary,
  Stop,
  StopReason,
} from "./session/types.js";
export { open } from "./session/open.js";
export { COLUMN_ROLES } from "./catalog/types.js";
export { escapeName } from "./catalog/escape.js";
export { isoUtc } from "./market/time.js";
export { ensureDemoData } from "./demo/demo-data.js";
export { inspect } from "./inspect/inspect.js";
export type {
  InspectedDay,
  InspectedGap,
  InspectedOutage,
  InspectedSplit,
  InspectedSymbol,
  Inspection,
  InspectHooks,
} from "./inspect/inspection.js";
export { verify, type VerifyHooks, type VerifyReport, type VerifyVariant } from "./verify/verify.js";
export { exportData, type ExportHooks, type ExportReport } from "./export/export-data.js";
