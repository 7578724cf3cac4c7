import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { VendorError } from '../../api/types.ts';
import { FailureBox } from '../../ui/failure-box.tsx';
import { causeInWords, codeInWords, retryInWords } from './failure-words.ts';
import classes from './vendor-failure.module.css';

export interface VendorFailureProps {
  readonly error: VendorError;
  /** The recipient that it is about, where the context does not show it. */
  readonly subject?: string;
  /** Where to go to fix it. */
  readonly action?: ReactNode;
}

/** What went wrong at a vendor: what to do first, then the likely cause and the vendor's own response. */
export function VendorFailure({ error, subject, action }: VendorFailureProps) {
  const codes = statusCodes(error);
  const retry = retryInWords(error);
  return (
    <FailureBox>
      {subject !== undefined && <Text size="sm">{subject}</Text>}
      <Text fw={600}>{codeInWords(error.code)}</Text>
      <Text size="sm">{error.hint}</Text>
      {action !== undefined && <div className={classes.action}>{action}</div>}
      <dl className={classes.facts}>
        <div>
          <dt>Cause</dt>
          <dd>{causeInWords(error)}</dd>
        </div>
        {retry !== undefined && (
          <div>
            <dt>Retry</dt>
            <dd>{retry}</dd>
          </div>
        )}
        {error.reply !== undefined && (
          <div>
            <dt>Vendor response</dt>
            <dd>
              <code className={classes.reply}>{error.reply}</code>
            </dd>
          </div>
        )}
        {codes.length > 0 && (
          <div>
            <dt>Status</dt>
            <dd>
              <code className={classes.codes}>{codes.join(' · ')}</code>
            </dd>
          </div>
        )}
      </dl>
    </FailureBox>
  );
}

function statusCodes({ status, smtpCode, enhancedCode }: VendorError): readonly string[] {
  return [
    ...(status === undefined ? [] : [`HTTP ${String(status)}`]),
    ...(smtpCode === undefined ? [] : [`SMTP ${String(smtpCode)}`]),
    ...(enhancedCode === undefined ? [] : [enhancedCode]),
  ];
}
