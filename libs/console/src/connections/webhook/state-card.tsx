import { Group, Stack, Text } from '@mantine/core';
import type { Webhook, WebhookState } from '../../api/types.ts';
import { useMayManage } from '../../session/use-session.ts';
import { Card } from '../../ui/card.tsx';
import { Fact, Facts } from '../../ui/fact.tsx';
import { ButtonLink } from '../../ui/links.tsx';
import { Moment } from '../../ui/relative-time.tsx';
import { WebhookStatus } from '../connection-state.tsx';
import { REFUSALS } from './refusal-words.ts';

export interface StateCardProps {
  readonly id: string;
  readonly webhook: Webhook;
  readonly vendorName: string;
}

/** Whether events come in; if not, why. */
export function StateCard({ id, webhook, vendorName }: StateCardProps) {
  const { state, lastReceivedAt, lastEventAt, lastRefusedAt, lastRefusal } = webhook;
  const refusal = lastRefusal === null ? undefined : REFUSALS[lastRefusal];
  return (
    <Card title="State">
      <Stack gap="md">
        <Group gap="xs" align="flex-start">
          <Stack gap={6} role="status">
            <div>
              <WebhookStatus state={state} />
            </div>
            <Text size="sm">
              {inWords(state, vendorName)} {state === 'failing' && refusal !== undefined && refusal.why}
            </Text>
            {state === 'failing' && refusal !== undefined && (
              <Text size="sm" c="dimmed">
                {refusal.remedy}
              </Text>
            )}
          </Stack>
        </Group>
        <NextStep id={id} webhook={webhook} />
        <Facts>
          <Fact name="Last post taken">{lastReceivedAt === null ? 'None yet' : <Moment at={lastReceivedAt} />}</Fact>
          <Fact name="Last event">{lastEventAt === null ? 'None yet' : <Moment at={lastEventAt} />}</Fact>
          {lastRefusedAt !== null && (
            <Fact name="Last post refused">
              <Moment at={lastRefusedAt} />
              {state !== 'failing' && refusal !== undefined && (
                <Text size="sm" c="dimmed">
                  {refusal.why}
                </Text>
              )}
            </Fact>
          )}
        </Facts>
      </Stack>
    </Card>
  );
}

function inWords(state: WebhookState, vendorName: string): string {
  const words: Readonly<Record<WebhookState, string>> = {
    receiving: `${vendorName} posts its events here, and the last post was taken.`,
    waiting: `Everything is ready here, but ${vendorName} has not posted anything yet.`,
    unconfigured: `This connection has no key to check posts with, so whatever ${vendorName} posts is refused. The set-up gives it one.`,
    failing: `The last post was refused. If ${vendorName} sent it, its events are missing here.`,
    unsupported: `${vendorName} has no webhooks.`,
  };
  return words[state];
}

/** What is to be done on another page. */
function NextStep({ id, webhook: { state, lastRefusal } }: Pick<StateCardProps, 'id' | 'webhook'>) {
  const mayManage = useMayManage();
  if (!mayManage) return null;
  if (state === 'waiting') {
    return (
      <div>
        <ButtonLink to="/connections/$id/test" params={{ id }} size="xs" variant="default">
          Send a test message
        </ButtonLink>
      </div>
    );
  }
  if (state !== 'failing' || lastRefusal === 'missing') return null;
  return (
    <div>
      <ButtonLink to="/connections/$id/settings" params={{ id }} size="xs" variant="default">
        Open the settings
      </ButtonLink>
    </div>
  );
}
