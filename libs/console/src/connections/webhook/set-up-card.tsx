import { Accordion, Stack } from '@mantine/core';
import type { Webhook } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { AutomaticSetUp } from './automatic-set-up.tsx';
import { Guide } from './setup-instructions.tsx';
import classes from './set-up-card.module.css';

export interface SetUpCardProps {
  readonly id: string;
  readonly webhook: Webhook;
  readonly vendorName: string;
}

/** How the vendor is told the address: by itself where its API allows that, or by hand. */
export function SetUpCard({ id, webhook, vendorName }: SetUpCardProps) {
  const setupInstructions = <Guide id={id} steps={webhook.setupInstructions} />;
  if (!webhook.registration.supported) {
    return (
      <Card title="Set-up" description={`What to do at ${vendorName}.`}>
        {setupInstructions}
      </Card>
    );
  }
  return (
    <Card title="Set-up">
      <Stack gap="md">
        <AutomaticSetUp id={id} registration={webhook.registration} vendorName={vendorName} />
        <Accordion order={3} classNames={classes}>
          <Accordion.Item value="setupInstructions">
            <Accordion.Control>By hand, step by step</Accordion.Control>
            <Accordion.Panel>{setupInstructions}</Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      </Stack>
    </Card>
  );
}
