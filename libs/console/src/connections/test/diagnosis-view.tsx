import { Stack, Text } from '@mantine/core';
import { IconCheck, IconInfoCircle, IconMinus, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { CheckStatus, Diagnosis } from '../../api/types.ts';
import { Announcement } from '../../ui/status.tsx';
import type { EffectiveMode } from '../mode-words.ts';
import { codeInWords, measured } from './failure-words.ts';
import classes from './test.module.css';
import { VendorFailure } from './vendor-failure.tsx';

interface DiagnosisViewProps {
  readonly diagnosis: Diagnosis;
  /** What happened to its messages; undefined if it is not known. */
  readonly mode?: EffectiveMode | undefined;
  /** Where to go to fix a failure, such as a link to the settings; shown right below the hint. */
  readonly action?: ReactNode;
  /** Whether it just arrived and is announced to screen readers; a test from the history is not. */
  readonly isNew?: boolean;
}

/** The outcome of a test: the verdict, the four checks, what to do about a failure, and every stage. */
export function DiagnosisView({ diagnosis, mode, action, isNew = true }: DiagnosisViewProps) {
  const { ok, durationMs, error, warnings, sent } = diagnosis;
  const rejected = sent?.rejected ?? [];
  const isRejectionAlone = rejected.some((each) => each.error.code === error?.code && each.error.hint === error.hint);
  return (
    <Stack gap="md">
      {isNew && <Announcement>{spoken(diagnosis, mode)}</Announcement>}
      <div className={classes.verdict} data-ok={ok}>
        <OutcomeMark status={ok ? 'passed' : 'failed'} />
        <div>
          <Text fw={620}>
            {verdict(diagnosis)}{' '}
            <Text span c="dimmed" fw={400} size="sm">
              in {measured(durationMs)}
            </Text>
          </Text>
          <Text size="sm" c="dimmed">
            {outcome(diagnosis, mode)}
          </Text>
        </div>
      </div>
      <Checks diagnosis={diagnosis} />
      {error !== undefined && !isRejectionAlone && <VendorFailure error={error} action={action} />}
      {rejected.map(({ recipient, error: reason }) => (
        <VendorFailure key={recipient} subject={recipient} error={reason} />
      ))}
      {warnings.map(({ hint }) => (
        <div key={hint} className={classes.warning}>
          <IconInfoCircle size={18} aria-hidden className={classes.warningIcon} />
          <Text size="sm">{hint}</Text>
        </div>
      ))}
      <Stages diagnosis={diagnosis} />
    </Stack>
  );
}

function verdict({ ok, sent }: Diagnosis): string {
  if (ok) return 'Test passed';
  return sent !== undefined && sent.accepted.length > 0 ? 'Test partly passed' : 'Test failed';
}

/** The result of the test message. */
function outcome({ ok, sent }: Diagnosis, mode: EffectiveMode | undefined): string {
  if (sent === undefined && ok && mode?.mode === 'drop') return 'Dropped: nothing was sent. The connection works.';
  if (sent === undefined) return ok ? 'The connection works. No message was sent.' : 'No message was sent.';
  const { accepted, rejected } = sent;
  if (accepted.length === 0) return 'Test message rejected for all recipients.';
  if (mode?.mode === 'redirect' && accepted.length === 1 && accepted[0] === mode.redirectTo) {
    return `Redirected to ${mode.redirectTo}, which accepted the test message.`;
  }
  const taken = `Test message accepted for ${accepted.join(', ')}`;
  return rejected.length === 0 ? `${taken}.` : `${taken}, rejected for ${String(rejected.length)} more.`;
}

function spoken(diagnosis: Diagnosis, mode: EffectiveMode | undefined): string {
  const { error } = diagnosis;
  const result = `${verdict(diagnosis)}. ${outcome(diagnosis, mode)}`;
  return error === undefined ? result : `${result} ${codeInWords(error.code)}. ${error.hint}`;
}

const CHECKS = [
  { check: 'connectivity', label: 'Connectivity', stage: 'connect' },
  { check: 'authentication', label: 'Authentication', stage: 'authenticate' },
  { check: 'sendPermission', label: 'Send permission', stage: 'message' },
  { check: 'fromAddress', label: 'From address', stage: 'sender' },
] as const;

/** The four questions that a test answers. */
function Checks({ diagnosis }: { readonly diagnosis: Diagnosis }) {
  return (
    <div className={classes.checksFrame}>
      <ul className={classes.checks} aria-label="Checks">
        {CHECKS.map(({ check, label, stage }) => {
          const status = diagnosis.checks[check];
          return (
            <li key={check} className={classes.check}>
              <OutcomeMark status={status} />
              <span>
                <span className={classes.checkLabel}>{label}</span>
                <span className={classes.checkOutcome}>{outcomeInWords(status, stage, diagnosis)}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

const LABELS: Readonly<Record<Diagnosis['stages'][number]['stage'], string>> = {
  settings: 'Settings',
  connect: 'Connect',
  tls: 'TLS',
  authenticate: 'Log in',
  sender: 'Sender',
  recipient: 'Recipients',
  message: 'Message',
};

/** The stages of sending a message, in order, and how far the test got. */
function Stages({ diagnosis }: { readonly diagnosis: Diagnosis }) {
  return (
    <ol className={classes.stages} aria-label="Stages">
      {diagnosis.stages.map(({ stage, status, detail }) => (
        <li key={stage} className={classes.stage}>
          <OutcomeMark status={status} />
          <span className={classes.stageText}>
            <span className={classes.stageLabel}>{LABELS[stage]}</span>
            <span className={classes.stageOutcome}>
              {/* With a reason, it was skipped on purpose, and not because of a failure. */}
              {status === 'skipped' && detail !== undefined ? 'Skipped' : outcomeInWords(status, stage, diagnosis)}
            </span>
            {detail !== undefined && <span className={classes.detail}>{detail}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

const ICONS = { passed: IconCheck, failed: IconX, skipped: IconMinus } as const;

/** The icon of a check: a different shape for each outcome, not only a color. The text is beside it. */
function OutcomeMark({ status }: { readonly status: CheckStatus }) {
  const Icon = ICONS[status];
  return (
    <span className={classes.mark} data-status={status} aria-hidden>
      <Icon size={14} stroke={2.4} />
    </span>
  );
}

type Stage = Diagnosis['stages'][number]['stage'];

const ORDER: readonly Stage[] = ['settings', 'connect', 'tls', 'authenticate', 'sender', 'recipient', 'message'];

/** Passed, failed, not run because an earlier stage failed, or skipped because it is not part of this test. */
function outcomeInWords(status: CheckStatus, stage: Stage, { stages }: Diagnosis): string {
  if (status !== 'skipped') return status === 'passed' ? 'Passed' : 'Failed';
  const failed = stages.find((each) => each.status === 'failed');
  return failed !== undefined && ORDER.indexOf(stage) >= ORDER.indexOf(failed.stage) ? 'Not run' : 'Skipped';
}
