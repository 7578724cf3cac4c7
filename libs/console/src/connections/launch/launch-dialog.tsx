import { Button, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck, IconRocket, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, bodyOf } from '../../api/client.ts';
import { errorAt } from '../../api/problem.ts';
import { LIMITS } from '../../api/rules.ts';
import type { Connection, LaunchProblem, LaunchReadiness } from '../../api/types.ts';
import { faultOfAddress } from '../../api/validation.ts';
import { ConnectionsSelect } from '../../sender/connections-select.tsx';
import { useMayManage, useMayManageAll } from '../../session/session.ts';
import { BusyButton, ButtonLink } from '../../ui/buttons.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Failure } from '../../ui/failure.tsx';
import { Announcement, Status } from '../../ui/status.tsx';
import classes from './launch.module.css';

interface LaunchDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  /** The connection to check when the dialog opens; users can select others. */
  readonly connection?: Pick<Connection, 'id' | 'name'>;
}

/** Checks before a launch whether a campaign or journey can be sent. */
export function LaunchDialog({ opened, onClose, connection }: LaunchDialogProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="Launch check" size="lg">
      <LaunchForm connection={connection} onClose={onClose} />
    </Dialog>
  );
}

interface Check {
  readonly connectionIds: readonly string[];
  readonly fromEmail: string;
  /** Each check is a new one, also of the same values. */
  readonly run: number;
}

interface LaunchFormProps {
  readonly connection: Pick<Connection, 'id' | 'name'> | undefined;
  readonly onClose: () => void;
}

function LaunchForm({ connection, onClose }: LaunchFormProps) {
  const [connectionIds, setConnectionIds] = useState<readonly string[]>(
    connection === undefined ? [] : [connection.id],
  );
  const [fromEmail, setFromEmail] = useState('');
  const [fault, setFault] = useState<string>();
  const [check, setCheck] = useState<Check | undefined>(
    connection === undefined ? undefined : { connectionIds, fromEmail, run: 0 },
  );
  const [run, setRun] = useState(1);
  const readiness = useQuery({
    queryKey: ['launch-check', check],
    queryFn: ({ signal }) => {
      const from = check?.fromEmail ?? '';
      const ids = check?.connectionIds ?? [];
      const body = {
        ...(ids.length === 0 ? {} : { connectionIds: [...ids] }),
        ...(from === '' ? {} : { fromEmail: from }),
      };
      return bodyOf(api.POST('/api/v1/launch-check', { body, signal }));
    },
    enabled: check !== undefined,
    gcTime: 0,
  });
  const error = check === undefined ? null : readiness.error;
  const reported = errorAt('/fromEmail', error);
  /** What was checked is no longer what the form shows. */
  const change = (apply: () => void) => {
    apply();
    setCheck(undefined);
    setFault(undefined);
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const from = fromEmail.trim();
    const wrong = from === '' ? undefined : faultOfAddress(from, ', or leave it empty');
    setFault(wrong);
    if (wrong === undefined) {
      setCheck({ connectionIds, fromEmail: from, run });
      setRun(run + 1);
    } else {
      event.currentTarget.querySelector<HTMLElement>('input[type="email"]')?.focus();
    }
  };
  const isBusy = check !== undefined && readiness.isFetching;
  return (
    <>
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          <ConnectionsSelect
            description="Those that the campaign or journey sends through. Leave empty to check whether any connection can send."
            placeholder="Any connection"
            max={LIMITS.connectionsOfLaunch}
            initialNames={connection === undefined ? undefined : new Map([[connection.id, connection.name]])}
            value={connectionIds}
            onChange={(ids) => change(() => setConnectionIds(ids))}
          />
          <TextInput
            label="From email"
            description="The sender of the campaign or journey. Leave empty for the default sender of each connection."
            type="email"
            placeholder="news@example.com"
            autoComplete="off"
            value={fromEmail}
            onChange={(event) => {
              const { value } = event.currentTarget;
              change(() => setFromEmail(value));
            }}
            error={fault ?? reported}
            errorProps={{ role: 'alert' }}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              Close
            </Button>
            <BusyButton type="submit" isBusy={isBusy} leftSection={<IconRocket size={16} aria-hidden />}>
              Check
            </BusyButton>
          </Group>
        </Stack>
      </form>
      {check !== undefined && (
        <section className={classes.result} aria-label="Result of the check">
          {error !== null && reported === undefined && (
            <Failure error={error} title="Could not run the check" onRetry={() => void readiness.refetch()} />
          )}
          {error === null &&
            (readiness.data === undefined ? (
              <Skeleton h={62} />
            ) : (
              <Result readiness={readiness.data} onLeave={onClose} />
            ))}
        </section>
      )}
    </>
  );
}

interface ResultProps {
  readonly readiness: LaunchReadiness;
  readonly onLeave: () => void;
}

/** The verdict, and each problem with its way out. */
function Result({ readiness: { ready, problems }, onLeave }: ResultProps) {
  const verdict = ready ? 'Ready to launch' : 'Not ready to launch';
  const Icon = ready ? IconCheck : IconX;
  return (
    <Stack gap="md">
      <Announcement>{[verdict, ...problems.map(({ message }) => message)].join('. ')}</Announcement>
      <div className={classes.verdict}>
        <span className={classes.mark} data-ready={ready} aria-hidden>
          <Icon size={14} stroke={2.4} />
        </span>
        <div>
          <Text fw={620}>{verdict}</Text>
          <Text size="sm" c="dimmed">
            {ready
              ? problems.length === 0
                ? 'No problems found. The results of the last connection tests count; nothing was sent.'
                : 'Read the warnings before you launch.'
              : 'Fix the errors below, then check again.'}
          </Text>
        </div>
      </div>
      {problems.length > 0 && (
        <ul className={classes.problems} aria-label="Problems">
          {problems.map((problem) => (
            <li key={`${problem.code} ${problem.connectionId ?? ''}`} className={classes.problem}>
              <div className={classes.what}>
                <Status tone={problem.severity === 'error' ? 'bad' : 'warn'}>
                  {problem.severity === 'error' ? 'Error' : 'Warning'}
                </Status>
                <Text size="sm">{problem.message}</Text>
              </div>
              <WayOut problem={problem} onLeave={onLeave} />
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}

type Place = '/connections/$id' | '/connections/$id/test' | '/connections/$id/settings';

const PLACES: Readonly<Partial<Record<LaunchProblem['code'], readonly [Place, string]>>> = {
  connection_disabled: ['/connections/$id', 'Open connection'],
  connection_failing: ['/connections/$id/test', 'Test Connection'],
  secrets_unreadable: ['/connections/$id/settings', 'Open settings'],
  sender_missing: ['/connections/$id/settings', 'Open settings'],
  sender_unverified: ['/connections/$id/settings', 'Open settings'],
  mode_unknown: ['/connections/$id/settings', 'Open settings'],
  mode_redirect: ['/connections/$id/settings', 'Open settings'],
  mode_drop: ['/connections/$id/settings', 'Open settings'],
};

/** A link to the page where the user can fix a problem. */
function WayOut({
  problem: { code, connectionId },
  onLeave,
}: {
  readonly problem: LaunchProblem;
  readonly onLeave: () => void;
}) {
  const mayManage = useMayManage();
  const mayAdd = useMayManageAll();
  const button = { size: 'xs', variant: 'default', onClick: onLeave } as const;
  if (code === 'no_usable_connection') {
    return mayAdd ? (
      <ButtonLink {...button} to="/connections/new">
        Add Connection
      </ButtonLink>
    ) : null;
  }
  const [to, label] = PLACES[code] ?? [];
  if (to === undefined || connectionId === null || !mayManage) return null;
  return (
    <ButtonLink {...button} to={to} params={{ id: connectionId }}>
      {label}
    </ButtonLink>
  );
}
