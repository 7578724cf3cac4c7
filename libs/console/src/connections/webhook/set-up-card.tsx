import { Accordion, Stack } from '@mantine/core';
import type { Webhook } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { AutomaticSetUp } from './automatic-set-up.tsx';
import { Guide } from './guide.tsx';
import classes from './set-up-card.module.css';

export interface SetUpCardProps {
  readonly id: string;
  readonly webhook: Webhook;
  readonly vendorName: string;
}

/** How the vendor is told the address: by itself where its API allows that, or by hand. */
export function SetUpCard({ id, webhook, vendorName }: SetUpCardProps) {
  const guide = <Guide id={id} steps={webhook.guide} />;
  if (!webhook.registration.supported) {
    return (
      <Card title="Set-up" description={`What to do at ${vendorName}.`}>
        {guide}
      </Card>
    );
  }
  return (
    <Card title="Set-up">
      <Stack gap="md">
        <AutomaticSetUp id={id} registration={webhook.registration} vendorName={vendorName} />
        <Accordion order={3} classNames={classes}>
          <Accordion.Item value="guide">
            <Accordion.Control>By hand, step by step</Accordion.Control>
            <Accordion.Panel>{guide}</Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      </Stack>
    </Card>
  );
}
