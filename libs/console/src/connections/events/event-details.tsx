import { Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { EventFilter } from '../../api/queries.ts';
import type { EventDetails as Details, TrackedEvent } from '../../api/types.ts';
import { TextLink } from '../../ui/buttons.tsx';
import { Fact, Facts } from '../../ui/card.tsx';
import { ExactTime, RelativeTime } from '../../ui/relative-time.tsx';
import { SourceView } from '../../ui/source-view.tsx';
import { Status } from '../../ui/status.tsx';
import { EventTimeline } from './event-timeline.tsx';
import { ATTRIBUTIONS, BOUNCE_CLASSES, EVENT_KINDS } from './event-words.ts';
import { indented, memberText } from '../../api/exact-json.ts';

interface EventDetailsProps {
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
      {event.messageId !== null && <EventTimeline id={id} event={{ ...event, messageId: event.messageId }} />}
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

/** Why a message was not delivered. The reply of the server is a fact of its own. */
function BounceFacts({ bounce }: { readonly bounce: NonNullable<TrackedEvent['bounce']> }) {
  const { code, enhancedCode, rule } = bounce;
  const { label, meaning } = BOUNCE_CLASSES[bounce.class];
  const codes = [code, enhancedCode].filter((each) => each !== undefined).join(' ');
  return (
    <>
      <Fact name="Bounce">
        {label}
        <Text size="sm" c="dimmed">
          {meaning}
        </Text>
      </Fact>
      {codes !== '' && (
        <Fact name="Status">
          <code>{codes}</code>
        </Fact>
      )}
      {rule !== undefined && (
        <Fact name="Vendor classification">
          <code>{rule}</code>
        </Fact>
      )}
    </>
  );
}

interface RawFormProps {
  /** As JSON; undefined if it is not stored. */
  readonly json: string | undefined;
}

/** The event as the vendor sent it, with all digits of its numbers. */
function RawForm({ json }: RawFormProps) {
  return (
    <SourceView
      title="Raw event"
      label="Raw event as JSON"
      text={json === undefined ? undefined : indented(json)}
      note={
        json === undefined
          ? 'Not available: the event was created by this service, or the vendor’s request is no longer stored.'
          : undefined
      }
    />
  );
}
