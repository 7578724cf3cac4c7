import { Group, Stack, Text } from '@mantine/core';
import type { Webhook, WebhookState } from '../../api/types.ts';
import { useMayManage } from '../../session/session.ts';
import { ButtonLink } from '../../ui/buttons.tsx';
import { Card, Fact, Facts } from '../../ui/card.tsx';
import { Moment } from '../../ui/relative-time.tsx';
import { WebhookStatus } from '../connection-summary.tsx';
import { UNAUTHENTICATED_REASONS } from '../deliveries/delivery-words.ts';

interface StateCardProps {
  readonly id: string;
  readonly webhook: Webhook;
  readonly vendorName: string;
}

/** Whether events arrive; if not, why. */
export function StateCard({ id, webhook, vendorName }: StateCardProps) {
  const { state, lastReceivedAt, lastEventAt, lastRejectedAt, lastUnauthenticatedAt, unauthenticatedReason } = webhook;
  return (
    <Card title="Status">
      <Stack gap="md">
        <Group gap="xs" align="flex-start">
          <Stack gap={6} role="status">
            <div>
              <WebhookStatus state={state} />
            </div>
            <Text size="sm">{inWords(webhook, vendorName)}</Text>
            {state === 'failing' && (
              <Text size="sm" c="dimmed">
                Check that only {vendorName} sends to this URL. The request is stored and listed below. If it came from{' '}
                {vendorName}, report it to the operator of this service.
              </Text>
            )}
          </Stack>
        </Group>
        <NextStep id={id} webhook={webhook} />
        <Facts>
          <Fact name="Last request accepted">
            {lastReceivedAt === null ? 'None yet' : <Moment at={lastReceivedAt} />}
          </Fact>
          <Fact name="Last webhook event">{lastEventAt === null ? 'None yet' : <Moment at={lastEventAt} />}</Fact>
          {lastRejectedAt !== null && (
            <Fact name="Last rejected request">
              <Moment at={lastRejectedAt} />
            </Fact>
          )}
          {lastUnauthenticatedAt !== null && (
            <Fact name="Last unauthenticated request">
              <Moment at={lastUnauthenticatedAt} />
              {unauthenticatedReason !== null && (
                <Text size="sm" c="dimmed">
                  {UNAUTHENTICATED_REASONS[unauthenticatedReason]} If it came from {vendorName}, its events are not
                  stored. {REMEDIES[unauthenticatedReason]}
                </Text>
              )}
            </Fact>
          )}
        </Facts>
      </Stack>
    </Card>
  );
}

function inWords({ state, registration }: Webhook, vendorName: string): string {
  const words: Readonly<Record<WebhookState, string>> = {
    receiving: `Receiving events from ${vendorName}.`,
    waiting: registration.registered
      ? `The webhook is set up. ${vendorName} has not sent anything yet.`
      : `${vendorName} has not sent anything yet. If the webhook does not exist there, set it up below.`,
    not_set_up: `${vendorName} does not send events here. Set up the webhook to see deliveries, bounces and complaints.`,
    failing: `The last request from ${vendorName} was authenticated, but its events could not be read.`,
    unsupported: `${vendorName} has no webhooks.`,
  };
  return words[state];
}

/** What to do on another page. */
function NextStep({
  id,
  webhook: { state, registration, lastReceivedAt, lastUnauthenticatedAt, unauthenticatedReason },
}: Pick<StateCardProps, 'id' | 'webhook'>) {
  const mayManage = useMayManage();
  if (!mayManage) return null;
  // Where the webhook can be set up from here, that comes first; its button is in the card below.
  if (state === 'waiting' && (registration.registered || !registration.supported)) {
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
        Fix settings
      </ButtonLink>
    </div>
  );
}

/** What to do about a request that failed authentication. It may come from anyone. */
const REMEDIES: Readonly<Record<NonNullable<Webhook['unauthenticatedReason']>, string>> = {
  missing: 'Enable the signature or login of the webhook in the vendor’s settings, as described in the setup below.',
  invalid: 'Set the webhook up again, or copy the key from the vendor and save it in the settings.',
  malformed: 'Check that the settings have the complete key of this webhook, and that no proxy changes the requests.',
  not_configured: 'Set up the webhook below, or enter the key in the settings.',
};
