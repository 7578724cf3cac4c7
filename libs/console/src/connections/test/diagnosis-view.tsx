import { Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Diagnosis } from '../../api/types.ts';
import { Announcement } from '../../ui/announcement.tsx';
import { Checks } from './checks.tsx';
import classes from './diagnosis-view.module.css';
import { measured } from './duration.ts';
import { codeInWords } from './failure-words.ts';
import { OutcomeMark } from './outcome.tsx';
import { Stages } from './stages.tsx';
import { VendorFailure } from './vendor-failure.tsx';

export interface DiagnosisViewProps {
  readonly diagnosis: Diagnosis;
  /** Where to go to fix a failure, such as a link to the settings; shown right below the hint. */
  readonly action?: ReactNode;
  /** Whether it just arrived and is announced to screen readers; a test from the history is not. */
  readonly isNew?: boolean;
}

/** The outcome of a test: the verdict, the four checks, what to do about a failure, and every stage. */
export function DiagnosisView({ diagnosis, action, isNew = true }: DiagnosisViewProps) {
  const { ok, durationMs, error, warnings, sent } = diagnosis;
  const rejected = sent?.rejected ?? [];
  const isRejectionAlone = rejected.some((each) => each.error.code === error?.code && each.error.hint === error.hint);
  return (
    <Stack gap="md">
      {isNew && <Announcement>{spoken(diagnosis)}</Announcement>}
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
            {outcome(diagnosis)}
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
          <IconInfoCircle size={18} aria-hidden className={classes.icon} />
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
function outcome({ ok, sent }: Diagnosis): string {
  if (sent === undefined) return ok ? 'The connection works. No message was sent.' : 'No message was sent.';
  const { accepted, rejected } = sent;
  if (accepted.length === 0) return 'Test message rejected for all recipients.';
  const taken = `Test message accepted for ${accepted.join(', ')}`;
  return rejected.length === 0 ? `${taken}.` : `${taken}, rejected for ${String(rejected.length)} more.`;
}

function spoken(diagnosis: Diagnosis): string {
  const { error } = diagnosis;
  const result = `${verdict(diagnosis)}. ${outcome(diagnosis)}`;
  return error === undefined ? result : `${result} ${codeInWords(error.code)}. ${error.hint}`;
}
