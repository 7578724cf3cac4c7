import { Accordion, Stack, Text } from '@mantine/core';
import type { Webhook } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { TextLink } from '../../ui/buttons.tsx';
import { Card } from '../../ui/card.tsx';
import { CopyField } from '../../ui/copy-field.tsx';
import { AutomaticSetUp } from './automatic-setup.tsx';
import classes from './webhook.module.css';

const MANUAL = {
  item: classes.manualItem,
  control: classes.manualControl,
  label: classes.manualLabel,
  content: classes.manualContent,
  panel: classes.manualPanel,
};

interface SetUpCardProps {
  readonly id: string;
  readonly webhook: Webhook;
  readonly vendorName: string;
}

/** How to set up the webhook: automatically if the vendor's API allows it, or manually. */
export function SetUpCard({ id, webhook, vendorName }: SetUpCardProps) {
  const instructions = <SetupInstructions id={id} steps={webhook.setupInstructions} />;
  if (!webhook.registration.supported) {
    return (
      <Card title="Setup" description={`What to do in ${vendorName}.`}>
        {instructions}
      </Card>
    );
  }
  return (
    <Card title="Setup">
      <Stack gap="md">
        <AutomaticSetUp id={id} registration={webhook.registration} vendorName={vendorName} />
        <Accordion order={3} classNames={MANUAL}>
          <Accordion.Item value="manual">
            <Accordion.Control>Manual setup</Accordion.Control>
            <Accordion.Panel>{instructions}</Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      </Stack>
    </Card>
  );
}

interface SetupInstructionsProps {
  readonly id: string;
  readonly steps: Webhook['setupInstructions'];
}

/** What to do on the vendor's site, in order. */
function SetupInstructions({ id, steps }: SetupInstructionsProps) {
  const mayManage = useMayManage();
  return (
    <>
      <ol className={classes.steps}>
        {steps.map(({ title, text, value }, index) => (
          <li key={title} className={classes.step}>
            <span className={classes.stepNumber} aria-hidden>
              {index + 1}
            </span>
            <div className={classes.stepText}>
              <Text size="sm" fw={560}>
                {title}
              </Text>
              <Text size="sm" c="dimmed">
                {text}
              </Text>
              {value !== undefined && (
                <div className={classes.stepValue}>
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
