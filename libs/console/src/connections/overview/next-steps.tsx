import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { testsQuery } from '../../api/queries.ts';
import type { Connection, VendorError } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { BusyButton, ButtonLink } from '../../ui/buttons.tsx';
import { Failure, FailureBox } from '../../ui/failure.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { useSetEnabled } from '../disable/use-set-enabled.ts';
import { codeInWords } from '../test/failure-words.ts';
import { FixButton } from '../test/vendor-failure.tsx';
import classes from './overview.module.css';

interface Step {
  readonly to: '/connections/$id/test' | '/connections/$id/webhook' | '/connections/$id/settings';
  readonly title: string;
  readonly text: string;
  readonly action: string;
}

/** What to do next: enable the connection, fix a failure, or else the steps until a connection does all that it can. */
export function NextSteps({ connection }: { readonly connection: Connection }) {
  const mayManage = useMayManage();
  if (!connection.enabled) return <Disabled connection={connection} />;
  if (connection.lastTest?.ok === false) return <Failing id={connection.id} lastTest={connection.lastTest} />;
  const steps = mayManage ? stepsOf(connection) : [];
  if (steps.length === 0) return null;
  return (
    <ul className={classes.steps} aria-label="What to do next">
      {steps.map(({ to, title, text, action }) => (
        <li key={to} className={classes.step}>
          <div>
            <Text fw={600} size="sm">
              {title}
            </Text>
            <Text size="sm">{text}</Text>
          </div>
          <ButtonLink to={to} params={{ id: connection.id }} size="xs" variant="default">
            {action}
          </ButtonLink>
        </li>
      ))}
    </ul>
  );
}

/** Nothing else matters before it is enabled. */
function Disabled({ connection }: { readonly connection: Connection }) {
  const mayManage = useMayManage();
  const enable = useSetEnabled(connection);
  return (
    <section aria-label="Disabled">
      <FailureBox>
        <div className={classes.failing}>
          <div>
            <Text fw={600} size="sm">
              Disabled {connection.disabledAt !== null && <RelativeTime at={connection.disabledAt} />}
            </Text>
            <Text size="sm">
              Nothing can be sent through this connection. Tests still work, and late bounces and complaints are still
              recorded.
            </Text>
            {enable.error !== null && <Failure error={enable.error} title="Could not enable the connection" />}
          </div>
          {mayManage && (
            <BusyButton size="xs" variant="default" isBusy={enable.isPending} onClick={() => enable.mutate(true)}>
              Enable
            </BusyButton>
          )}
        </div>
      </FailureBox>
    </section>
  );
}

interface FailingProps {
  readonly id: string;
  readonly lastTest: NonNullable<Connection['lastTest']>;
}

/** A connection that cannot send needs nothing else first. */
function Failing({ id, lastTest: { code = 'unexpected', fault = 'vendor' } }: FailingProps) {
  const mayManage = useMayManage();
  const hint = useQuery(testsQuery(id)).data?.[0]?.diagnosis.error?.hint;
  const error = { code, fault } as Pick<VendorError, 'code' | 'fault'>;
  return (
    <section aria-label="Last test failed">
      <FailureBox>
        <div className={classes.failing}>
          <div>
            <Text fw={600} size="sm">
              Last test failed: {codeInWords(code)}
            </Text>
            {/* One line is kept for it while it loads. */}
            <Text size="sm" mih={22}>
              {hint}
            </Text>
          </div>
          <div className={classes.actions}>
            <FixButton id={id} error={error} />
            <ButtonLink to="/connections/$id/test" params={{ id }} size="xs" variant="default">
              {mayManage ? 'Test again' : 'View test'}
            </ButtonLink>
          </div>
        </div>
      </FailureBox>
    </section>
  );
}

function stepsOf({ lastTest, fromEmail, webhook }: Connection): Step[] {
  const steps: Step[] = [];
  if (fromEmail === null) {
    steps.push({
      to: '/connections/$id/settings',
      title: 'Add a default sender',
      text: 'Without a From email, every campaign needs its own sender.',
      action: 'Add sender',
    });
  }
  if (lastTest === null) {
    steps.push({
      to: '/connections/$id/test',
      title: 'Send yourself a test',
      text: 'Sends a real message and shows which step fails.',
      action: 'Test',
    });
  }
  if (webhook.state === 'not_set_up') {
    steps.push({
      to: '/connections/$id/webhook',
      title: 'Set up the webhook',
      text: 'It reports deliveries, bounces and complaints. Without it you only see what was sent.',
      action: 'Set up',
    });
  }
  return steps;
}
