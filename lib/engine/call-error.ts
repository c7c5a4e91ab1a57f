import type { AbortSignalLike } from '../../index.js';
import { abortError } from '../client/abort-signal.ts';
import { errorFromReport, type FailureReport, RefportAbortError, type RefportError } from '../client/errors.ts';

/** The error of a call that failed, or was aborted by its signal or by `close()` of its client. */
export function callError(
  report: FailureReport,
  signal: AbortSignalLike | undefined,
  abortedByClose: boolean,
): RefportError {
  if (report.kind !== 'aborted') return errorFromReport(report);
  const { attempts, ambiguous, retryable } = report;
  const progress = { attempts, ambiguous, retryable };
  return abortedByClose
    ? new RefportAbortError('The client was closed before the call settled', progress)
    : abortError(signal, progress);
}
