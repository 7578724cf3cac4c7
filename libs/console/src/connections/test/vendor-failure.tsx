import { Button, Text } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { connectionQuery, vendorsQuery } from '../../api/queries.ts';
import type { VendorError } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { ButtonLink } from '../../ui/buttons.tsx';
import { FailureBox } from '../../ui/failure.tsx';
import { causeInWords, codeInWords, retryInWords } from './failure-words.ts';
import classes from './test.module.css';

interface VendorFailureProps {
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

/** Sender addresses and domains are verified on the vendor's site, not in the settings of the connection. */
const AT_VENDOR: ReadonlySet<string> = new Set(['sender_not_verified', 'sender_rejected']);

interface FixButtonProps {
  /** The connection. */
  readonly id: string;
  /** The failure, as far as it is known. Without a cause that can be fixed somewhere, there is no button. */
  readonly error: Pick<VendorError, 'code' | 'fault'> | undefined;
}

/** Leads from a failure to the place where it can be fixed: the settings, or the vendor's page for senders. */
export function FixButton({ id, error }: FixButtonProps) {
  const mayManage = useMayManage();
  const connection = useQuery(connectionQuery(id)).data;
  const vendor = useQuery(vendorsQuery).data?.find((each) => each.vendor === connection?.vendor);
  if (!mayManage || (error?.fault !== 'configuration' && error?.fault !== 'sender')) return null;
  if (AT_VENDOR.has(error.code) && vendor?.senderUrl !== undefined) {
    return (
      <Button
        component="a"
        href={vendor.senderUrl}
        target="_blank"
        rel="noreferrer"
        size="xs"
        variant="default"
        rightSection={<IconExternalLink size={14} aria-hidden />}
      >
        Verify sender in {vendor.displayName}
      </Button>
    );
  }
  return (
    <ButtonLink to="/connections/$id/settings" params={{ id }} size="xs" variant="default">
      Fix settings
    </ButtonLink>
  );
}
