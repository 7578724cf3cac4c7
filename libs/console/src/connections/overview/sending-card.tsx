import type { Connection } from '../../api/types.ts';
import { Card } from '../../ui/card.tsx';
import { Fact, Facts } from '../../ui/fact.tsx';
import { TextLink } from '../../ui/links.tsx';
import { Moment } from '../../ui/relative-time.tsx';
import { WebhookStatus } from '../connection-state.tsx';

export function SendingCard({ connection }: { readonly connection: Connection }) {
  const { id, fromEmail, fromName, webhook, usages } = connection;
  return (
    <Card title="Sending">
      <Facts>
        <Fact name="From email">{fromEmail ?? 'None'}</Fact>
        <Fact name="From name">{fromName ?? 'None'}</Fact>
        {webhook.supported && (
          <>
            <Fact name="Webhook">
              <WebhookStatus state={webhook.state} />
            </Fact>
            {/* Not "last event": the events below include those of sending, which no webhook reports. */}
            <Fact name="Last webhook event">
              {webhook.lastEventAt === null ? 'None yet' : <Moment at={webhook.lastEventAt} />}
            </Fact>
          </>
        )}
        <Fact name="Used by">
          {usages.total === 0 ? (
            'Not in use'
          ) : (
            <TextLink inherit to="/connections/$id/used-by" params={{ id }}>
              {usages.active} active of {usages.total}
            </TextLink>
          )}
        </Fact>
      </Facts>
    </Card>
  );
}
