import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { VendorError } from '../../api/types.ts';
import { FailureBox } from '../../ui/failure-box.tsx';
import { wait } from './duration.ts';
import { codeInWords, faultInWords } from './failure-words.ts';
import classes from './vendor-failure.module.css';

export interface VendorFailureProps {
  readonly error: VendorError;
  /** Whom or what it is about, where that is not clear from around it. */
  readonly subject?: string;
  /** Where to go to mend it. */
  readonly action?: ReactNode;
}

/** What went wrong at a vendor: what to do first, then with whom the fault lies and what the vendor said itself. */
export function VendorFailure({ error, subject, action }: VendorFailureProps) {
  const codes = statusCodes(error);
  return (
    <FailureBox>
      {subject !== undefined && <Text size="sm">{subject}</Text>}
      <Text fw={600}>{codeInWords(error.code)}</Text>
      <Text size="sm">{error.hint}</Text>
      {action !== undefined && <div className={classes.action}>{action}</div>}
      <dl className={classes.facts}>
        <div>
          <dt>The fault lies with</dt>
          <dd>{faultInWords(error.fault)}</dd>
        </div>
        <div>
          <dt>Trying again</dt>
          <dd>{retryInWords(error)}</dd>
        </div>
        {error.reply !== undefined && (
          <div>
            <dt>The vendor’s words</dt>
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

function retryInWords({ retryable, retryAfterMs }: VendorError): string {
  if (!retryable) return 'Will not help before something is changed.';
  if (retryAfterMs === undefined) return 'May go well a little later, with nothing changed.';
  return `May go well in ${wait(retryAfterMs)}, with nothing changed.`;
}

function statusCodes({ status, smtpCode, enhancedCode }: VendorError): readonly string[] {
  return [
    ...(status === undefined ? [] : [`HTTP ${String(status)}`]),
    ...(smtpCode === undefined ? [] : [`SMTP ${String(smtpCode)}`]),
    ...(enhancedCode === undefined ? [] : [enhancedCode]),
  ];
}
