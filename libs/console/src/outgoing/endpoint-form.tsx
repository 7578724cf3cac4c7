import { Group, MultiSelect, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useRef, useState } from 'react';
import { errorAt } from '../api/problem.ts';
import type { FeedKind, WebhookEndpoint } from '../api/types.ts';
import { FEED_KINDS, isFeedKind } from '../connections/events/event-words.ts';
import { BusyButton } from '../ui/buttons.tsx';
import { Failure } from '../ui/failure.tsx';

const KINDS = Object.entries(FEED_KINDS).map(([value, { label }]) => ({ value, label }));
const FIELDS = ['/url', '/description', '/kinds'];

export interface EndpointValues {
  readonly url: string;
  readonly description: string | null;
  readonly kinds: FeedKind[] | null;
}

interface EndpointFormProps {
  /** The stored endpoint; undefined for a new one. */
  readonly endpoint?: WebhookEndpoint;
  readonly action: string;
  readonly isBusy: boolean;
  readonly error: Error | null;
  /** What failed if there is an error. */
  readonly failure: string;
  readonly onSubmit: (values: EndpointValues) => void;
}

export function EndpointForm({ endpoint, action, isBusy, error, failure, onSubmit }: EndpointFormProps) {
  const [url, setUrl] = useState(endpoint?.url ?? '');
  const [description, setDescription] = useState(endpoint?.description ?? '');
  const [kinds, setKinds] = useState<readonly FeedKind[]>(endpoint?.kinds ?? []);
  const field = useRef<HTMLInputElement>(null);
  const isAtField = FIELDS.some((pointer) => errorAt(pointer, error) !== undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isBusy) return;
    onSubmit({
      url: url.trim(),
      description: description.trim() === '' ? null : description.trim(),
      kinds: kinds.length === 0 ? null : [...kinds],
    });
    field.current?.focus();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label="URL"
          description="Where to send events. It must use https."
          placeholder="https://hooks.example.com/email-events"
          type="url"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
          error={errorAt('/url', error)}
          errorProps={{ role: 'alert' }}
          ref={field}
          required
          data-autofocus
          spellCheck={false}
        />
        <TextInput
          label="Description"
          description="Which system receives the events, such as “Data warehouse”."
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          error={errorAt('/description', error)}
          errorProps={{ role: 'alert' }}
        />
        <MultiSelect
          label="Events"
          description="Leave empty to send all events of emails."
          placeholder={kinds.length === 0 ? 'All events' : undefined}
          data={KINDS}
          value={[...kinds]}
          onChange={(values) => setKinds(values.filter(isFeedKind))}
          error={errorAt('/kinds', error)}
          errorProps={{ role: 'alert' }}
        />
        {error !== null && !isAtField && <Failure error={error} title={failure} />}
        <Group justify="flex-end">
          <BusyButton type="submit" isBusy={isBusy} disabled={url.trim() === ''}>
            {action}
          </BusyButton>
        </Group>
      </Stack>
    </form>
  );
}
