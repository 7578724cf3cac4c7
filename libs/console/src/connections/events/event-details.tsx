import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { EventFilter } from '../../api/queries.ts';
import type { EventDetails as Details } from '../../api/types.ts';
import { Fact, Facts } from '../../ui/fact.tsx';
import { TextLink } from '../../ui/links.tsx';
import { ExactTime, RelativeTime } from '../../ui/relative-time.tsx';
import { Status } from '../../ui/status.tsx';
import { BounceFacts } from './bounce-facts.tsx';
import { EVENT_KINDS } from './event-kinds.ts';
import { ATTRIBUTIONS } from './event-words.ts';
import { memberText } from './exact-json.ts';
import { RawForm } from './raw-form.tsx';

export interface EventDetailsProps {
  /** The connection. */
  readonly id: string;
  readonly event: Details & { readonly json: string };
  readonly filter: EventFilter;
}

/** Everything that is stored of an event. */
export function EventDetails({ id, event, filter }: EventDetailsProps) {
  const { kind, recipient, attribution, occurredAt, receivedAt, bounce, reply, url, userAgent, ip, machine } = event;
  const { label, tone } = EVENT_KINDS[kind];
  const { label: attributionLabel, meaning } = ATTRIBUTIONS[attribution];
  return (
    <Stack gap="lg">
      <Group gap="xs">
        <Status tone={tone}>{label}</Status>
        <Text size="sm" c="dimmed">
          <RelativeTime at={occurredAt} />
        </Text>
      </Group>
      <Facts>
        <Fact name="Recipient">
          {recipient ?? 'None'}
          {recipient !== null && recipient !== filter.recipient && (
            <Text size="sm">
              <TextLink to="/connections/$id/events" params={{ id }} search={{ recipient }} resetScroll={false} inherit>
                All events of this recipient
              </TextLink>
            </Text>
          )}
        </Fact>
        <Fact name="Occurred">
          <ExactTime at={occurredAt} />
        </Fact>
        <Fact name="Received">
          <ExactTime at={receivedAt} />
        </Fact>
        {bounce !== null && <BounceFacts bounce={bounce} />}
        {reply !== null && (
          <Fact name="Server reply">
            <code>{reply}</code>
          </Fact>
        )}
        <Optional name="Link">{url}</Optional>
        <Optional name="User agent">{userAgent}</Optional>
        <Optional name="IP address">{ip}</Optional>
        <Optional name="Opened by">
          {machine === null ? null : machine ? 'A machine (not counted)' : 'A person'}
        </Optional>
        <Fact name="Source">
          {attributionLabel}
          <Text size="sm" c="dimmed">
            {meaning}
          </Text>
        </Fact>
        <Optional name="Message ID">{code(event.messageId)}</Optional>
        <Optional name="Vendor event ID">{code(event.vendorEventId)}</Optional>
        <Optional name="Tags">{event.tags.length === 0 ? null : event.tags.join(', ')}</Optional>
        <Optional name="Metadata">{metadata(event.metadata)}</Optional>
      </Facts>
      <RawForm json={event.raw === null ? undefined : memberText(event.json, 'raw')} />
    </Stack>
  );
}

function Optional({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return children === null ? null : <Fact name={name}>{children}</Fact>;
}

function code(value: string | null): ReactNode {
  return value === null ? null : <code>{value}</code>;
}

function metadata(values: Details['metadata']): ReactNode {
  const entries = Object.entries(values);
  if (entries.length === 0) return null;
  return entries.map(([name, value]) => (
    <div key={name}>
      <code>
        {name}: {value}
      </code>
    </div>
  ));
}
