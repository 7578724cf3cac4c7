import type { AdapterErrorDetails, Stage } from '../errors/adapter-error.ts';
import type { Mailbox, SendResult } from '../messages/email-message.ts';

/** What a test shall do. */
export interface Probe {
  /** Recipients of the test message; none: nothing is sent. */
  readonly to?: readonly string[];
  /** The connection's sender, where it has one. */
  readonly from?: Mailbox;
  readonly subject: string;
  readonly text: string;
  /** Travels with the test message, so that its events are known for what they are; given only where the vendor has such. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** `skipped`: not reached, or not part of this test. */
export type CheckStatus = 'passed' | 'failed' | 'skipped';

export interface DiagnosisStage {
  readonly stage: Stage;
  readonly status: CheckStatus;
  /** What was seen, e.g. `TLSv1.3`. */
  readonly detail?: string;
}

/** The four checks that people are shown. */
export interface DiagnosisChecks {
  readonly connectivity: CheckStatus;
  readonly authentication: CheckStatus;
  readonly sendPermission: CheckStatus;
  readonly fromAddress: CheckStatus;
}

export const WARNING_CODES = [
  'helo_name_missing',
  'not_encrypted',
  'password_in_clear',
  'port_mode_mismatch',
  'suspicious_credential',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

/** Something that works and yet should be looked at. */
export interface DiagnosisWarning {
  readonly code: WarningCode;
  readonly hint: string;
  /** The field that it is about, as a JSON pointer. */
  readonly pointer?: string;
}

export interface Diagnosis {
  /** True if nothing failed; a test message was then accepted for every recipient. */
  readonly ok: boolean;
  readonly durationMs: number;
  readonly stages: readonly DiagnosisStage[];
  readonly checks: DiagnosisChecks;
  readonly warnings: readonly DiagnosisWarning[];
  /** The first failure. */
  readonly error?: AdapterErrorDetails;
  /** What became of the test message, where one was sent. */
  readonly sent?: SendResult;
}
