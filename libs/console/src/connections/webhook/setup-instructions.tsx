import { Text } from '@mantine/core';
import type { Webhook } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { CopyField } from '../../ui/copy-field.tsx';
import { TextLink } from '../../ui/links.tsx';
import classes from './setup-instructions.module.css';

export interface SetupInstructionsProps {
  readonly id: string;
  readonly steps: Webhook['setupInstructions'];
}

/** What to do on the vendor's site, in order. */
export function SetupInstructions({ id, steps }: SetupInstructionsProps) {
  const mayManage = useMayManage();
  return (
    <>
      <ol className={classes.steps}>
        {steps.map(({ title, text, value }, index) => (
          <li key={title} className={classes.step}>
            <span className={classes.number} aria-hidden>
              {index + 1}
            </span>
            <div className={classes.text}>
              <Text size="sm" fw={560}>
                {title}
              </Text>
              <Text size="sm" c="dimmed">
                {text}
              </Text>
              {value !== undefined && (
                <div className={classes.value}>
                  <CopyField label={title} value={value} />
                </div>
              )}
            </div>
          </li>
        ))}
      </ol>
      {mayManage && (
        <Text size="sm" c="dimmed" mt="md">
          The webhook’s keys and passwords are in the{' '}
          <TextLink to="/connections/$id/settings" params={{ id }} inherit underline="always">
            settings
          </TextLink>{' '}
          of this connection.
        </Text>
      )}
    </>
  );
}
