import { Button, Skeleton, Text } from '@mantine/core';
import { useState } from 'react';
import type { ApiKey } from '../api/types.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Status } from '../ui/status.tsx';
import classes from './api-key-list.module.css';
import { RevokeKeyDialog } from './revoke-key-dialog.tsx';
import { SCOPES } from './scopes.ts';

/** A key is highlighted this long before it expires. */
const EXPIRES_SOON_MS = 14 * 24 * 60 * 60_000;

export function ApiKeyList({ keys }: { readonly keys: readonly ApiKey[] }) {
  const [revoked, setRevoked] = useState<ApiKey | undefined>();
  return (
    <>
      <ul className={classes.list} aria-label="API keys">
        {keys.map((key) => (
          <li key={key.id} className={classes.item}>
            <div className={classes.names}>
              <Text fw={560}>{key.name}</Text>
              <Text size="sm" c="dimmed">
                Ends in <code>{key.hint}</code> · created <RelativeTime at={key.createdAt} />
                {key.connectionIds !== null && ` · only ${countOf(key.connectionIds)}`}
              </Text>
            </div>
            <dl className={classes.times}>
              <div>
                <dt>Last used</dt>
                <dd>{key.lastUsedAt === null ? 'Never' : <RelativeTime at={key.lastUsedAt} />}</dd>
              </div>
              <div>
                <dt>Expires</dt>
                <dd>{key.expiresAt === null ? 'Never' : <Expiry at={key.expiresAt} />}</dd>
              </div>
            </dl>
            <div className={classes.scope}>
              <Status tone={key.scope === 'manage' ? 'accent' : 'neutral'}>{SCOPES[key.scope].label}</Status>
            </div>
            <Button variant="default" size="xs" onClick={() => setRevoked(key)} aria-label={`Revoke ${key.name}`}>
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      <RevokeKeyDialog apiKey={revoked} onClose={() => setRevoked(undefined)} />
    </>
  );
}

function Expiry({ at }: { readonly at: string }) {
  const [now] = useState(() => Date.now());
  const remainingMs = new Date(at).getTime() - now;
  if (remainingMs <= 0) return <Status tone="bad">Expired</Status>;
  return (
    <span data-soon={remainingMs < EXPIRES_SOON_MS || undefined}>
      <RelativeTime at={at} />
    </span>
  );
}

function countOf({ length }: readonly string[]): string {
  return length === 1 ? '1 connection' : `${String(length)} connections`;
}

export function ApiKeyListSkeleton() {
  return (
    <div className={classes.list} aria-busy="true">
      {['first', 'second', 'third'].map((row) => (
        <div key={row} className={classes.item}>
          <div className={classes.names}>
            <Skeleton w="40%" h={13} my={5} />
            <Skeleton w="60%" h={11} my={5} />
          </div>
          <Skeleton w={70} h={26} />
        </div>
      ))}
    </div>
  );
}
