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
  const { state, lastReceivedAt, lastEventAt, lastRejectedAt, lastUnauthenticatedAt, unauthenticatedReason } = webhook;
  const refusal = unauthenticatedReason === null ? undefined : REFUSALS[unauthenticatedReason];
  return (
    <Card title="State">
      <Stack gap="md">
        <Group gap="xs" align="flex-start">
          <Stack gap={6} role="status">
            <div>
              <WebhookStatus state={state} />
            </div>
            <Text size="sm">{inWords(state, vendorName)}</Text>
            {state === 'failing' && (
              <Text size="sm" c="dimmed">
                Check that only {vendorName} sends to this address. The request was kept; if it came from {vendorName},
                report it to the operator of this service.
              </Text>
            )}
          </Stack>
        </Group>
        <NextStep id={id} webhook={webhook} />
        <Facts>
          <Fact name="Last post taken">{lastReceivedAt === null ? 'None yet' : <Moment at={lastReceivedAt} />}</Fact>
          <Fact name="Last event">{lastEventAt === null ? 'None yet' : <Moment at={lastEventAt} />}</Fact>
          {lastRejectedAt !== null && (
            <Fact name="Last unreadable request">
              <Moment at={lastRejectedAt} />
            </Fact>
          )}
          {lastUnauthenticatedAt !== null && (
            <Fact name="Last refused request">
              <Moment at={lastUnauthenticatedAt} />
              {refusal !== undefined && (
                <Text size="sm" c="dimmed">
                  {refusal.why} If it came from {vendorName}, its events are missing. {refusal.remedy}
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
    failing: `The last request from ${vendorName} was authenticated, but none of its events could be read.`,
    unsupported: `${vendorName} has no webhooks.`,
  };
  return words[state];
}

/** What is to be done on another page. */
function NextStep({
  id,
  webhook: { state, lastReceivedAt, lastUnauthenticatedAt, unauthenticatedReason },
}: Pick<StateCardProps, 'id' | 'webhook'>) {
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
  const isRefusedLast =
    lastUnauthenticatedAt !== null && (lastReceivedAt === null || lastUnauthenticatedAt > lastReceivedAt);
  if (!isRefusedLast || unauthenticatedReason === 'missing') return null;
  return (
    <div>
      <ButtonLink to="/connections/$id/settings" params={{ id }} size="xs" variant="default">
        Open the settings
      </ButtonLink>
    </div>
  );
}
