import type { Connection, Vendor, VendorField } from '../../api/types.ts';
import { Card, Fact, Facts } from '../../ui/card.tsx';
import { modeInWords } from '../mode-words.ts';
import { grouped, initialValues, shownFields } from '../form/form-values.ts';
import { limitsInWords } from '../form/limits.ts';
import { inWords } from '../form/places.ts';
import { SecretInWords } from '../form/secret-field.tsx';

const MULTILINE = { margin: 0, fontSize: '0.75rem', whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' } as const;

interface SettingsViewProps {
  readonly vendor: Vendor;
  readonly connection: Connection;
}

/** The settings of a connection for read-only users. */
export function SettingsView({ vendor, connection }: SettingsViewProps) {
  const shown = shownFields(vendor.fields, initialValues(vendor, connection));
  return (
    <>
      <Card title="Connection" description="You need full access to change settings.">
        <Facts>
          <Fact name="Name">{connection.name}</Fact>
          <Fact name="Vendor">{vendor.displayName}</Fact>
          <Fact name="From email">{connection.fromEmail ?? 'None'}</Fact>
          <Fact name="From name">{connection.fromName ?? 'None'}</Fact>
          {connection.senders.length > 1 && (
            <Fact name="Other senders">
              {connection.senders
                .slice(1)
                .map(({ email }) => email)
                .join(', ')}
            </Fact>
          )}
          <Fact name="Allowed sender domains">
            {connection.allowedSenderDomains.length === 0 ? 'Any' : connection.allowedSenderDomains.join(', ')}
          </Fact>
          <Fact name="Mode">{modeInWords(connection.mode)}</Fact>
          {connection.redirectTo !== null && <Fact name="Redirect to">{connection.redirectTo}</Fact>}
          <Fact name="Sending limits">{limitsInWords(connection.limits)}</Fact>
          <Fact name="Suppressed recipients">{connection.checkSuppressions ? 'Rejected' : 'Not checked'}</Fact>
        </Facts>
      </Card>
      {grouped(shown).map(({ title, fields }) => (
        <Card key={title} title={title}>
          <Facts>
            {fields.map((field) => (
              <Fact key={field.name} name={field.label}>
                <Value field={field} connection={connection} />
              </Fact>
            ))}
          </Facts>
        </Card>
      ))}
    </>
  );
}

function Value({ field, connection }: { readonly field: VendorField; readonly connection: Connection }) {
  const stored = field.secret ? connection.secrets[field.name] : undefined;
  if (stored !== undefined) return <SecretInWords stored={stored} />;
  const words = inWords(field, connection);
  return field.multiline ? <pre style={MULTILINE}>{words}</pre> : words;
}
