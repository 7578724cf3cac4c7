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
        <Fact name="Webhook">
          <WebhookStatus state={webhook.state} />
        </Fact>
        <Fact name="Last event">{webhook.lastEventAt === null ? 'None yet' : <Moment at={webhook.lastEventAt} />}</Fact>
        <Fact name="Used by">
          {usages.total === 0 ? (
            'Nothing'
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
