import { Text } from '@mantine/core';
import type { Connection } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import classes from './overview-tab.module.css';
import { ButtonLink } from '../../ui/links.tsx';

interface Step {
  readonly to: '/connections/$id/test' | '/connections/$id/webhook' | '/connections/$id/settings';
  readonly title: string;
  readonly text: string;
  readonly action: string;
}

/** What is still to be done before a connection does all that it can. Nothing, once it does. */
export function NextSteps({ connection }: { readonly connection: Connection }) {
  const mayManage = useMayManage();
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

function stepsOf({ lastTest, fromEmail, webhook }: Connection): Step[] {
  const steps: Step[] = [];
  if (fromEmail === null) {
    steps.push({
      to: '/connections/$id/settings',
      title: 'Choose a sender',
      text: 'Without a From email, every campaign has to bring its own.',
      action: 'Set it',
    });
  }
  if (lastTest === null) {
    steps.push({
      to: '/connections/$id/test',
      title: 'Send yourself a test',
      text: 'It goes all the way through the vendor, and says what is wrong if something is.',
      action: 'Test',
    });
  }
  if (webhook.supported && webhook.state === 'unconfigured') {
    steps.push({
      to: '/connections/$id/webhook',
      title: 'Set up the webhook',
      text: 'Without it nothing is known of deliveries, bounces and complaints.',
      action: 'Set it up',
    });
  }
  return steps;
}
