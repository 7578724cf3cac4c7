import { Accordion, Stack } from '@mantine/core';
import type { Webhook } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { AutomaticSetUp } from './automatic-set-up.tsx';
import { SetupInstructions } from './setup-instructions.tsx';
import classes from './set-up-card.module.css';

export interface SetUpCardProps {
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
        <Accordion order={3} classNames={classes}>
          <Accordion.Item value="manual">
            <Accordion.Control>Manual setup</Accordion.Control>
            <Accordion.Panel>{instructions}</Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      </Stack>
    </Card>
  );
}
