import type { AdapterErrorDetails, Stage } from '../errors/adapter-error.ts';
import type { Mailbox, SendResult } from '../messages/email-message.ts';

/** The input of a connection test. */
export interface Probe {
  /** Recipients of the test message. If empty or omitted, no message is sent. */
  readonly to?: readonly string[];
  /** The connection's sender, if it has one. */
  readonly from?: Mailbox;
  /** Subject of the test message. */
  readonly subject: string;
  /** Body of the test message. */
  readonly text: string;
  /** Sent with the test message so that its events can be recognized. Only set if the vendor supports metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** `skipped`: not reached, or not part of this test. */
export type CheckStatus = 'passed' | 'failed' | 'skipped';

/** The outcome of one stage. */
export interface DiagnosisStage {
  readonly stage: Stage;
  readonly status: CheckStatus;
  /** What was observed, e.g. `TLSv1.3`. */
  readonly detail?: string;
}

/** The four checks shown to users. */
export interface DiagnosisChecks {
  /** The vendor can be reached, over TLS where it applies. */
  readonly connectivity: CheckStatus;
  /** The vendor accepts the credentials. */
  readonly authentication: CheckStatus;
  /** The account may send. */
  readonly sendPermission: CheckStatus;
  /** The vendor accepts the sender address. */
  readonly fromAddress: CheckStatus;
}

/** All warning codes. */
export const WARNING_CODES = [
  'helo_name_missing',
  'not_encrypted',
  'password_in_clear',
  'port_mode_mismatch',
  'suspicious_credential',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

/** Something that works but deserves attention. */
export interface DiagnosisWarning {
  readonly code: WarningCode;
  /** What the user can do about it. */
  readonly hint: string;
  /** JSON pointer of the field concerned. */
  readonly pointer?: string;
}

/** The result of a connection test. */
export interface Diagnosis {
  /** True if nothing failed. If a test message was sent, it was accepted for every recipient. */
  readonly ok: boolean;
  readonly durationMs: number;
  readonly stages: readonly DiagnosisStage[];
  readonly checks: DiagnosisChecks;
  readonly warnings: readonly DiagnosisWarning[];
  /** The first failure. */
  readonly error?: AdapterErrorDetails;
  /** The result of the test message, if one was sent. */
  readonly sent?: SendResult;
}
